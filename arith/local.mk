# arith: nothing built yet
