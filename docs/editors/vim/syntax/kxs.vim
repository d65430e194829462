" Vim syntax of kxs, the boot scripting language of kxsh.
" After a command's name everything is a word up to the end of the line, a `;`, a brace or
" an `else`; elsewhere a bare name is a command. Later items win over earlier ones.
if exists("b:current_syntax")
  finish
endif
let s:keep = &cpoptions
set cpoptions&vim

syn cluster kxsValues contains=kxsComment,kxsConstant,kxsParen,kxsList,kxsString,kxsRaw,kxsBraced,kxsVariable,kxsNumber,kxsField,kxsOperator,kxsKeyword
syn cluster kxsArguments contains=kxsComment,kxsContinued,kxsSpread,kxsParen,kxsList,kxsOption,kxsString,kxsRaw,kxsBraced,kxsVariable,kxsOptional,kxsWord

" Commands and what follows them
syn region kxsCall matchgroup=kxsCommand start=+\h[0-9A-Za-z_+-]*\%(\.\h[0-9A-Za-z_+-]*\)*[^][:space:];(){}]\@!+ end=+[;{})\]]\@=+ end=+\s\@1<=\%(else\%([][:space:];(){}[]\|$\)\)\@=+ end=+\\\@1<!$+ contains=@kxsArguments
syn region kxsOptions start=+^\s*\%(--[a-z]\)\@=+ end=+[;{})\]]\@=+ end=+\s\@1<=\%(else\%([][:space:];(){}[]\|$\)\)\@=+ end=+\\\@1<!$+ contains=@kxsArguments
syn region kxsInnerCall contained matchgroup=kxsCommand start=+\h[0-9A-Za-z_+-]*\%(\.\h[0-9A-Za-z_+-]*\)*[^][:space:];(){}]\@!+ end=+[;{})\]]\@=+ contains=@kxsArguments
syn match kxsWord contained +[^][:space:]"'$(){}[;|<>&`]\++
syn match kxsOptional contained +[][:space:])]\@1<=?[^][:space:];){}]\@!+
syn match kxsOption contained +\S\@1<!--[a-z][a-z0-9-]*[^][:space:]=;(){}[]\@!+
syn match kxsOption contained +\S\@1<!-\a[^[:space:];){}]\@!+
syn match kxsSpread contained +\S\@1<!\.\.\.\%([$[([:space:]]\)\@=+
syn match kxsContinued contained +\S\@1<!\\\s*$+

" Values
syn match kxsOperator +==\|!=\|<=\|>=\|=\~\|??\|[-+*/%<>=|]+
syn match kxsNumber +[0-9A-Za-z_.$]\@1<!\%(0x\x\+\|\d\+\%(ms\|s\|m\|h\|[KMGT]iB\)\?\)\>+
syn match kxsField +[][0-9A-Za-z_)}]\@1<=\.\h\w*+
syn match kxsVariable +\$\h\w*+
syn match kxsEscape contained +\\.+
syn region kxsBraced matchgroup=kxsVariable start=+\${+ end=+}+ oneline contains=kxsString,kxsRaw,kxsVariable,kxsList,kxsNumber,kxsOperator
syn region kxsString start=+"+ skip=+\\.+ end=+"+ oneline contains=kxsEscape,kxsBraced,kxsVariable
syn region kxsRaw start=+'+ end=+'+ oneline
syn region kxsParen matchgroup=kxsDelimiter start=+(+ end=+)+ contains=kxsInnerCall,@kxsValues
syn region kxsList matchgroup=kxsDelimiter start=+\[+ end=+\]+ contains=kxsKey,@kxsValues
syn match kxsKey contained +\h\w*\%(\s*:\)\@=+
syn match kxsConstant +[0-9A-Za-z_$.+-]\@1<!\%(true\|false\|null\)[0-9A-Za-z_.+-]\@!+

" Statements
syn match kxsKeyword +[0-9A-Za-z_$.+-]\@1<!\%(if\|else\|while\|match\|try\|return\|break\|continue\|in\|not\|and\|or\)[0-9A-Za-z_.+-]\@!+
syn match kxsKeyword +[0-9A-Za-z_$.+-]\@1<!import\s\@=+
syn match kxsKeyword +[0-9A-Za-z_$.+-]\@1<!\%(let\|set\)\%(\s\+\h\)\@=+ skipwhite nextgroup=kxsMade
syn match kxsMade contained +\h\w*+ skipwhite nextgroup=kxsTyped
syn match kxsTyped contained +:[][ \t]*[a-z]\+[] \t]*?\?+
syn match kxsKeyword +[0-9A-Za-z_$.+-]\@1<!for\%(\s\+\h\)\@=+ skipwhite nextgroup=kxsWalked
syn match kxsWalked contained +\h\w*\%(\s*,\s*\h\w*\)\?+
syn match kxsKeyword +[0-9A-Za-z_$.+-]\@1<!as\%(\s\+\h\)\@=+ skipwhite nextgroup=kxsCaught
syn match kxsCaught contained +\h[0-9A-Za-z_+.-]*+
syn region kxsFunctionHead matchgroup=kxsKeyword start=+[0-9A-Za-z_$.+-]\@1<!fn\%(\s\+\h\)\@=+ end=+{\@=+ end=+\\\@1<!$+ contains=kxsComment,kxsContinued,kxsParameters,kxsFunction,kxsType
syn match kxsType contained +[a-z]\+?\?+
syn match kxsFunction contained +\%(\<fn\s\+\)\@<=\h[0-9A-Za-z_+-]*+
syn region kxsParameters contained matchgroup=kxsDelimiter start=+(+ end=+)+ contains=kxsParameter,@kxsValues,kxsParameterOption,kxsTyped
syn match kxsParameter contained +\h\w*+
syn match kxsParameterOption contained +--[a-z][a-z0-9-]*+

syn match kxsComment +[^[:space:];{}()[\]]\@1<!#.*+ contains=@Spell

hi def link kxsComment Comment
hi def link kxsCommand Function
hi def link kxsFunction Function
hi def link kxsKeyword Statement
hi def link kxsConstant Boolean
hi def link kxsNumber Number
hi def link kxsString String
hi def link kxsRaw String
hi def link kxsEscape SpecialChar
hi def link kxsContinued SpecialChar
hi def link kxsVariable Identifier
hi def link kxsBraced Identifier
hi def link kxsMade Identifier
hi def link kxsWalked Identifier
hi def link kxsCaught Identifier
hi def link kxsParameter Identifier
hi def link kxsField Identifier
hi def link kxsKey Label
hi def link kxsOption Special
hi def link kxsParameterOption Special
hi def link kxsOptional Operator
hi def link kxsSpread Operator
hi def link kxsOperator Operator
hi def link kxsTyped Type
hi def link kxsType Type

syn sync minlines=200
let b:current_syntax = "kxs"
let &cpoptions = s:keep
unlet s:keep
