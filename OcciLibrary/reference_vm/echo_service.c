/* Echo service of the reference VM for images without Python: each line comes back with the server's time and address.
 *
 * One file, C99 and POSIX, no library but libc:  cc -O2 -static -o echo_service echo_service.c
 *     ./echo_service [--host 0.0.0.0] [--port 7777] [--address IP-SHOWN] [--idle SECONDS]
 *
 * It answers as echo_service.py does, byte for byte; tests/reference_vm/test_echo_conformance.py holds both to it.
 * Started as root it listens, then goes on as nobody.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_LINE = 4096, MOST_CLIENTS = 256, LINGER_SECONDS = 1, NOBODY = 65534, BACKLOG = 128 };
enum { INPUT = 2 * LONGEST_LINE, PREFIX = 128, ROOM = PREFIX + LONGEST_LINE + 2, OUTPUT = 8 * LONGEST_LINE };
enum { IAC = 255, DONT = 254, WILL = 251, SB = 250, SE = 240 }; /* telnet commands, RFC 854 */

enum telnet { DATA, COMMAND, OPTION, SUBNEGOTIATION, SUBNEGOTIATION_COMMAND };
/* OPEN: is answered. ENDING: only what waits is still written. LINGERING: half-closed after a refusal. */
enum stage { OPEN, ENDING, LINGERING };

struct client {
    int fd;
    enum telnet telnet;
    enum stage stage;
    int refused;      /* was told why; is half-closed when that is written */
    int is_counted;   /* has one of the places for clients */
    int no_more;      /* the client has sent its last byte */
    size_t waiting;   /* bytes in input without answer */
    size_t written;   /* bytes in output to be sent */
    double ends_at;
    unsigned char input[INPUT];
    char output[OUTPUT];
};

static struct client *clients[2 * MOST_CLIENTS]; /* those served and those being refused */
static int count, served;
static const char *shown_address = "";
static double idle_seconds = 300;
static volatile sig_atomic_t stopped;

static void stop(int signal_number) {
    (void)signal_number;
    stopped = 1;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Writes "TIME ADDRESS " and returns its length. */
static size_t write_prefix(const struct client *c, char *to) {
    struct timespec t;
    struct tm utc;
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    char clock[32], address[INET_ADDRSTRLEN] = "0.0.0.0";
    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &utc);
    strftime(clock, sizeof clock, "%Y-%m-%dT%H:%M:%S", &utc);
    if (!*shown_address && getsockname(c->fd, (struct sockaddr *)&own, &size) == 0)
        inet_ntop(AF_INET, &own.sin_addr, address, sizeof address);
    return (size_t)snprintf(to, PREFIX, "%s.%03ldZ %s ", clock, t.tv_nsec / 1000000, *shown_address ? shown_address : address);
}

static int has_room(const struct client *c) { return OUTPUT - c->written >= ROOM; }

static void answer(struct client *c, const void *line, size_t length, const char *ending) {
    c->written += write_prefix(c, c->output + c->written);
    memcpy(c->output + c->written, line, length);
    c->written += length;
    memcpy(c->output + c->written, ending, strlen(ending));
    c->written += strlen(ending);
}

static void refuse(struct client *c, const char *reason) {
    answer(c, reason, strlen(reason), "\r\n");
    c->stage = ENDING;
    c->refused = 1;
}

static void answer_line(struct client *c, size_t start, size_t length, const char *ending) {
    const unsigned char *line = c->input + start;
    c->ends_at = now() + idle_seconds;
    if (length > LONGEST_LINE)
        refuse(c, "error: a line may have 4096 bytes at most");
    else if (length == 4 && memcmp(line, "EXIT", 4) == 0)
        c->stage = ENDING;
    else
        answer(c, line, length, ending);
}

/* Answers every whole line for whose answer there is room. A line ends with LF, CR LF, or CR NUL. */
static void answer_lines(struct client *c) {
    size_t start = 0, at = 0;
    while (c->stage == OPEN && at < c->waiting && has_room(c)) {
        const unsigned char *byte = c->input + at;
        int pair = *byte == '\r' && at + 1 < c->waiting && (byte[1] == '\n' || byte[1] == '\0');
        if (*byte == '\n' || pair) {
            answer_line(c, start, at - start, pair ? "\r\n" : "\n");
            start = at + 1 + (size_t)pair;
            at = start;
        } else {
            at++;
        }
    }
    memmove(c->input, c->input + start, c->waiting - start);
    c->waiting -= start;
    if (c->stage != OPEN || !has_room(c))
        return;
    int half = c->waiting && c->input[c->waiting - 1] == '\r'; /* may be half of a line's ending */
    if (c->waiting > (size_t)LONGEST_LINE + (size_t)half) {
        refuse(c, "error: a line may have 4096 bytes at most");
    } else if (c->no_more) {
        if (c->waiting)
            answer_line(c, 0, c->waiting, "\n");
        if (c->stage == OPEN)
            c->stage = ENDING;
    }
}

/* Takes telnet negotiation out; a doubled 255 is the data byte 255. Returns the new state. */
static enum telnet filter(struct client *c, unsigned char byte) {
    switch (c->telnet) {
    case COMMAND:
        if (byte == SB)
            return SUBNEGOTIATION;
        if (byte >= WILL && byte <= DONT)
            return OPTION;
        if (byte != IAC)
            return DATA;
        break;
    case OPTION:
        return DATA;
    case SUBNEGOTIATION:
        return byte == IAC ? SUBNEGOTIATION_COMMAND : SUBNEGOTIATION;
    case SUBNEGOTIATION_COMMAND:
        return byte == SE ? DATA : SUBNEGOTIATION;
    default:
        if (byte == IAC)
            return COMMAND;
    }
    c->input[c->waiting++] = byte;
    return DATA;
}

/* Reads what came; returns 0 when the connection is broken. */
static int take_in(struct client *c) {
    unsigned char chunk[INPUT];
    size_t room = c->stage == OPEN ? INPUT - c->waiting : sizeof chunk;
    ssize_t got = recv(c->fd, chunk, room, 0);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0) {
        c->no_more = 1;
        if (c->stage == LINGERING)
            return 0;
    }
    for (ssize_t i = 0; i < got && c->stage == OPEN; i++)
        c->telnet = filter(c, chunk[i]);
    return 1;
}

/* Sends what waits; returns 0 when the connection is broken or done with. */
static int send_out(struct client *c) {
    while (c->written) {
        ssize_t sent = send(c->fd, c->output, c->written, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        memmove(c->output, c->output + sent, c->written - (size_t)sent);
        c->written -= (size_t)sent;
        if (c->stage == OPEN)
            answer_lines(c);
    }
    if (c->stage != ENDING)
        return 1;
    if (!c->refused || c->no_more)
        return 0;
    shutdown(c->fd, SHUT_WR); /* closing with unread input would reset the reason away */
    c->stage = LINGERING;
    c->ends_at = now() + LINGER_SECONDS;
    return 1;
}

static void let_go(int index) {
    struct client *c = clients[index];
    served -= c->is_counted;
    close(c->fd);
    free(c);
    clients[index] = clients[--count];
}

static void admit(int listener) {
    int fd = accept(listener, NULL, NULL), on = 1;
    if (fd < 0)
        return;
    struct client *c = calloc(1, sizeof *c);
    if (c == NULL) {
        close(fd);
        return;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->fd = fd;
    c->ends_at = now() + idle_seconds;
    clients[count++] = c;
    c->is_counted = served < MOST_CLIENTS;
    served += c->is_counted;
    if (!c->is_counted)
        refuse(c, "error: too many clients, try again later");
}

static int serve_client(struct client *c, short events) {
    if (events & (POLLIN | POLLHUP | POLLERR)) {
        if (!take_in(c))
            return 0;
        if (c->stage == OPEN)
            answer_lines(c);
    }
    return send_out(c) && now() < c->ends_at;
}

static short wanted(const struct client *c) {
    int reads = !c->no_more && (c->stage == LINGERING || (c->stage == OPEN && has_room(c)));
    return (short)((reads ? POLLIN : 0) | (c->written ? POLLOUT : 0));
}

static void serve(int listener) {
    static struct pollfd polled[2 * MOST_CLIENTS + 1];
    while (!stopped) {
        double next = now() + 3600;
        int known = count;
        for (int i = 0; i < known; i++) {
            polled[i] = (struct pollfd){.fd = clients[i]->fd, .events = wanted(clients[i])};
            next = clients[i]->ends_at < next ? clients[i]->ends_at : next;
        }
        /* With the table full, newcomers wait in the backlog. */
        polled[known] = (struct pollfd){.fd = known < 2 * MOST_CLIENTS ? listener : -1, .events = POLLIN};
        int patience = (int)((next - now()) * 1000) + 1;
        if (poll(polled, (nfds_t)known + 1, patience > 0 ? patience : 0) < 0)
            continue;
        for (int i = known - 1; i >= 0; i--) /* downwards: let_go moves the last one here */
            if (!serve_client(clients[i], polled[i].revents))
                let_go(i);
        if (polled[known].revents & POLLIN)
            admit(listener);
    }
}

static int listen_on(const char *host, int port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
    errno = EINVAL;
    if (fd < 0 || inet_pton(AF_INET, host, &at.sin_addr) != 1)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, BACKLOG) < 0)
        return -1;
    return fd;
}

static int be_nobody(void) {
    return geteuid() != 0 || (setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
}

static int number(const char *text, long least, long most) {
    char *rest;
    long value = strtol(text, &rest, 10);
    if (*text < '0' || *text > '9' || *rest || value < least || value > most) {
        fprintf(stderr, "A number from %ld to %ld is expected, not %s\n", least, most, text);
        exit(2);
    }
    return (int)value;
}

int main(int argc, char **argv) {
    const char *host = "0.0.0.0";
    int port = 7777;
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--host") == 0) {
            host = value;
        } else if (strcmp(argv[i], "--port") == 0) {
            port = number(value, 0, 65535);
        } else if (strcmp(argv[i], "--idle") == 0) {
            idle_seconds = number(value, 1, 86400);
        } else if (strcmp(argv[i], "--address") == 0 && strlen(value) < PREFIX / 2) {
            shown_address = value;
        } else {
            fprintf(stderr, "Usage: %s [--host ADDRESS] [--port PORT] [--address IP-SHOWN] [--idle SECONDS]\n", argv[0]);
            return 2;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = stop}, NULL);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = stop}, NULL);
    int listener = listen_on(host, port);
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    if (listener < 0 || getsockname(listener, (struct sockaddr *)&at, &size) < 0) {
        fprintf(stderr, "Cannot listen on %s:%d: %s\n", host, port, strerror(errno));
        return 1;
    }
    if (!be_nobody()) {
        fprintf(stderr, "Cannot give up root's rights: %s\n", strerror(errno));
        return 1;
    }
    printf("Echo service on %s:%d\n", host, ntohs(at.sin_port));
    fflush(stdout);
    serve(listener);
    return 0;
}
