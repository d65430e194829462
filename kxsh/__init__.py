"""kxsh: a boot scripting language, its interpreter, recovery prompt and image tools."""
