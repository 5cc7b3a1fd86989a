# emulator: nothing built yet
