"""What a column of a sheet holds, and its cells checked one by one."""
