"""Use cases: each opens transactions, asks the domain what to do, and writes the decision down."""
