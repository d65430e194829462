"""`kxsh --lsp`: the language server for editors (Language Server Protocol 3.17)."""
