"""The menu: countdown, full screen, and lines where there is none."""
