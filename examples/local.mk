# examples: nothing built yet
