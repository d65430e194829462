"""The machine as a parameter: every effect on the world goes through here."""
