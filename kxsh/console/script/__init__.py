"""What a script and a person did: going on with it, taking it back, writing it down."""
