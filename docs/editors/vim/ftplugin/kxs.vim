if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1
setlocal comments=:##,:# commentstring=#\ %s formatoptions-=t formatoptions+=croql
setlocal expandtab shiftwidth=2 softtabstop=2 iskeyword+=-
" `gq` and `=` over the whole file: `kxsh --fmt` reads standard input.
setlocal formatprg=kxsh\ --fmt
" `:make` lists the findings.
setlocal makeprg=kxsh\ --check\ %:S
setlocal errorformat=%E%trror[%m,%W%tarning[%m,%Z\ %#-->\ %f:%l:%c,%-G%.%#
let b:undo_ftplugin = "setlocal comments< commentstring< formatoptions< expandtab< shiftwidth<"
      \ . " softtabstop< iskeyword< formatprg< makeprg< errorformat<"
