"""The full-screen menu: a model that needs no terminal, its drawing, and its keys."""
