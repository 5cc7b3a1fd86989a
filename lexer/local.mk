# lexer: nothing built yet
