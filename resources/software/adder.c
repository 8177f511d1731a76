/* Adds up the whole numbers that it is given. */
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words) {
    long total = 0;
    for (int i = 1; i < count; i++) total += strtol(words[i], NULL, 10);
    printf("%ld\n", total);
    return 0;
}
