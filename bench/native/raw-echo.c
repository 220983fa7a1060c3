/*
 * The limit of the machine: counts bytes and answers fixed ones with epoll, without reading the
 * protocol. Arguments: mode (echo or fanout), opcode, payload bytes. Ends with its standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 65536
#define BURST_MAX 1024

struct connection {
  int open, subscriber;
  size_t received;      /* bytes of requests not answered yet */
  size_t pending;       /* bytes of answers that the kernel did not take */
  size_t offset;        /* where in the repeated answer they begin */
};

static struct connection connections[CONNECTIONS_MAX];
static int subscribers[CONNECTIONS_MAX], subscriber_count;
static unsigned char *answers;
static size_t answer_bytes, request_bytes, burst_max;
static int queue, fanout;
static const char acceptance[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void build_answers(int opcode, size_t payload) {
  unsigned char header[10];
  size_t start = payload < 126 ? 2 : payload < 65536 ? 4 : 10;
  header[0] = 0x80 | opcode;
  header[1] = payload < 126 ? payload : payload < 65536 ? 126 : 127;
  for (size_t i = 2; i < start; i++) header[i] = (payload >> (8 * (start - 1 - i))) & 255;
  answer_bytes = start + payload;
  request_bytes = answer_bytes + 4;
  burst_max = payload > 4096 ? 4 : BURST_MAX;
  answers = malloc(answer_bytes * burst_max);
  if (answers == NULL) fail("malloc");
  for (size_t n = 0; n < burst_max; n++) {
    unsigned char *at = answers + n * answer_bytes;
    memcpy(at, header, start);
    for (size_t i = 0; i < payload; i++) at[start + i] = 97 + (i * 7) % 26;
  }
}

static void watch(int descriptor, unsigned events, int operation) {
  struct epoll_event event = {.events = events, .data.fd = descriptor};
  if (epoll_ctl(queue, operation, descriptor, &event) < 0) fail("epoll_ctl");
}

static void drop(int descriptor) {
  struct connection *peer = &connections[descriptor];
  if (peer->subscriber)
    for (int i = 0; i < subscriber_count; i++)
      if (subscribers[i] == descriptor) subscribers[i] = subscribers[--subscriber_count];
  memset(peer, 0, sizeof *peer);
  close(descriptor);
}

/* Every pending byte lies in the same repeated answer, so nothing is ever copied. */
static void flush(int descriptor) {
  struct connection *peer = &connections[descriptor];
  while (peer->pending > 0) {
    size_t room = answer_bytes * burst_max - peer->offset;
    size_t length = peer->pending < room ? peer->pending : room;
    ssize_t sent = send(descriptor, answers + peer->offset, length, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EAGAIN) watch(descriptor, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
      return;
    }
    peer->pending -= sent;
    peer->offset = (peer->offset + sent) % answer_bytes;
  }
}

static void answer(int descriptor, size_t count) {
  connections[descriptor].pending += count * answer_bytes;
  flush(descriptor);
}

static void receive(int descriptor) {
  static unsigned char buffer[256 * 1024];
  struct connection *peer = &connections[descriptor];
  ssize_t length = recv(descriptor, buffer, sizeof buffer, 0);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0) {
    drop(descriptor);
    return;
  }
  if (!peer->open) {
    peer->open = 1;
    if (send(descriptor, acceptance, sizeof acceptance - 1, MSG_NOSIGNAL) < 0) return drop(descriptor);
    if (fanout && memcmp(buffer, "GET /s", 6) == 0) {
      peer->subscriber = 1;
      subscribers[subscriber_count++] = descriptor;
    }
    return;
  }
  if (peer->received == 0 && length == 8 && buffer[0] == 0x88) {
    static const unsigned char closing[] = {0x88, 2, 3, 0xe8};
    send(descriptor, closing, sizeof closing, MSG_NOSIGNAL);
    drop(descriptor);
    return;
  }
  peer->received += length;
  size_t count = peer->received / request_bytes;
  if (count == 0) return;
  peer->received -= count * request_bytes;
  if (!fanout) answer(descriptor, count);
  else
    for (int i = 0; i < subscriber_count; i++) answer(subscribers[i], count);
}

static int start_listening(void) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (listener < 0 || bind(listener, (void *)&address, length) < 0 || listen(listener, 4096) < 0)
    fail("listen");
  getsockname(listener, (void *)&address, &length);
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

static void accept_all(int listener) {
  int one = 1, descriptor;
  while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    if (descriptor >= CONNECTIONS_MAX) {
      close(descriptor);
      continue;
    }
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    watch(descriptor, EPOLLIN, EPOLL_CTL_ADD);
  }
}

/* "gc" needs no collection here, but its answer. */
static void obey(void) {
  char line[64];
  if (read(0, line, sizeof line) <= 0) exit(0);
  printf("done\n");
  fflush(stdout);
}

int main(int count, char **arguments) {
  struct epoll_event events[1024];
  if (count != 4) {
    fprintf(stderr, "usage: raw-echo echo|fanout OPCODE PAYLOAD_BYTES\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  fanout = strcmp(arguments[1], "fanout") == 0;
  build_answers(atoi(arguments[2]), strtoul(arguments[3], NULL, 10));
  queue = epoll_create1(0);
  int listener = start_listening();
  watch(listener, EPOLLIN, EPOLL_CTL_ADD);
  watch(0, EPOLLIN, EPOLL_CTL_ADD);
  for (;;) {
    int ready = epoll_wait(queue, events, 1024, -1);
    for (int i = 0; i < ready; i++) {
      int descriptor = events[i].data.fd;
      if (descriptor == listener) accept_all(listener);
      else if (descriptor == 0) obey();
      else {
        if (events[i].events & EPOLLOUT) {
          watch(descriptor, EPOLLIN, EPOLL_CTL_MOD);
          flush(descriptor);
        }
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(descriptor);
      }
    }
  }
}
