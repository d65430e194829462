"""The helper PC: build the loader, adapt images, try them."""
