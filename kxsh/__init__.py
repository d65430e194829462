"""kxsh: a boot scripting language, its interpreter, recovery prompt and image tools."""

__version__ = "0.1.0"
