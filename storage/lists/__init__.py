"""What is taken along: talks, plannings and parents as rows for Excel, CSV and paper. Only reads."""
