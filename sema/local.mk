# sema: nothing built yet
