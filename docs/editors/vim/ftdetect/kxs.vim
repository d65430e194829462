autocmd BufNewFile,BufRead *.kxs setfiletype kxs
