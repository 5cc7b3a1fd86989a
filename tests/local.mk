# tests: nothing built yet
