"""What the school knows, and what it allows. Imports no other folder of the project.

Its rooms are a ladder: each may import those above it in this list, never one below. A test holds the order.

  words         the words of the field as enums and small values
  msgids        texts kept as English msgids, translated where they are shown
  refusals      why something was not done
  settings      what the operator sets
  timezone      UTC inside, the school's wall clock outside
  column_types  aware moments and words as the databases keep them
  tables        every table
  values        text as people type it, to one checked value
  database      the engine, its one writer, sessions, statements compiled once
  migrations    the schema's history
  audit         who did what
  outbox        what is to be said, and to whom
  planning      conferences, plannings, slots
  booking       book, move, cancel; what can be offered
  access        who may come in: chats, secrets, letters
  schools       the tenants
  families      students and the families they belong to
  school_year   groups go up, children leave
  importing     lists of students and plannings, read and applied
  lists         what is taken along: talks, parents
  privacy       how long things are kept; erased, given out, backed up
  staff         who works at the desk
  school        the school at a glance, its calendar feeds
  notices       what each notice says, and which are due
"""
