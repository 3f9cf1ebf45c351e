# Twelve small things to compile, by make -j2.
all: $(foreach n,1 2 3 4 5 6 7 8 9 10 11 12,part$(n).o)
part%.o: part%.c
	gcc -O2 -c -o $@ $<
part%.c:
	printf '#include <stdio.h>\n#include <stdlib.h>\nint part$*(int n) { return printf("%%d\\n", n + $*); }\n' >$@
