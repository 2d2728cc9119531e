#include "tests/peer/program/floor.h"

#include <linux/udp.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    SUBSCRIBERS_MAX = 64,
    ROUNDS = 10, /* of 100 ms of media: a second */
    PICTURES = 3,
    PACKETS_PER_PICTURE = 5,
    SOUNDS = 5,
    STEPS = PICTURES + SOUNDS,
    STEP_MS = 12, /* so that a round's steps are apart as they come */
    PACKETS = PICTURES * PACKETS_PER_PICTURE + SOUNDS,
    HEADER = 12,
    VIDEO_PAYLOAD = 1000,
    AUDIO_PAYLOAD = 110,
    TAG = 16,
    NONCE = 12,
    RECEIVE_BUFFER = 1 << 20,
};

struct sink {
    int fd;
    struct sockaddr_in address;
};

static int64_t thread_cpu_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * CLOCK_NS_PER_S + time.tv_nsec;
}

static int sink_open(struct sink *sink)
{
    const int size = RECEIVE_BUFFER;
    socklen_t len = sizeof(sink->address);

    sink->address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    sink->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(sink->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    return sink->fd < 0 || bind(sink->fd, (struct sockaddr *)&sink->address, len) ||
                   getsockname(sink->fd, (struct sockaddr *)&sink->address, &len)
               ? -1
               : 0;
}

static void sink_drain(struct sink *sink)
{
    uint8_t bytes[2048];

    while (recv(sink->fd, bytes, sizeof(bytes), 0) > 0)
        ;
}

/* One SRTP packet's worth of work; its length. */
static size_t seal(EVP_CIPHER_CTX *cipher, uint8_t *out, const uint8_t *payload, int len)
{
    static uint8_t nonce[NONCE];
    int written;

    nonce[0]++;
    EVP_EncryptInit_ex(cipher, NULL, NULL, NULL, nonce);
    EVP_EncryptUpdate(cipher, NULL, &written, out, HEADER);
    EVP_EncryptUpdate(cipher, out + HEADER, &written, payload, len);
    EVP_EncryptFinal_ex(cipher, out + HEADER + written, &written);
    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, TAG, out + HEADER + len);
    return (size_t)(HEADER + len + TAG);
}

/* One write of count packets of one length, sealed here: GSO when they are several. */
static void send_packets(int fd, EVP_CIPHER_CTX *cipher, struct sink *sink, int count, int len)
{
    static uint8_t out[PACKETS_PER_PICTURE * (HEADER + VIDEO_PAYLOAD + TAG)];
    static const uint8_t payload[VIDEO_PAYLOAD];
    char control[CMSG_SPACE(sizeof(uint16_t))] = {0};
    struct iovec vector = {.iov_base = out};
    struct msghdr message = {.msg_name = &sink->address,
                             .msg_namelen = sizeof(sink->address),
                             .msg_iov = &vector,
                             .msg_iovlen = 1};
    uint16_t size = (uint16_t)(HEADER + len + TAG);

    for (int i = 0; i < count; i++)
        vector.iov_len += seal(cipher, out + vector.iov_len, payload, len);
    if (count > 1) {
        message.msg_control = control;
        message.msg_controllen = sizeof(control);
        struct cmsghdr *segment = CMSG_FIRSTHDR(&message);
        segment->cmsg_level = IPPROTO_UDP;
        segment->cmsg_type = UDP_SEGMENT;
        segment->cmsg_len = CMSG_LEN(sizeof(size));
        memcpy(CMSG_DATA(segment), &size, sizeof(size));
    }
    (void)!sendmsg(fd, &message, 0);
}

/* Pictures and sounds come at times of their own, so a relay that holds nothing back writes them
 * apart. */
static void send_step(int fd, EVP_CIPHER_CTX *cipher, struct sink *sink, int step)
{
    bool picture = step * PICTURES % STEPS < PICTURES;

    send_packets(fd, cipher, sink, picture ? PACKETS_PER_PICTURE : 1,
                 picture ? VIDEO_PAYLOAD : AUDIO_PAYLOAD);
}

static int64_t send_to_all(int fd, EVP_CIPHER_CTX *cipher, struct sink *sinks, unsigned count,
                           int step)
{
    int64_t before_ns = thread_cpu_ns();

    for (unsigned i = 0; i < count; i++)
        send_step(fd, cipher, &sinks[i], step);
    int64_t spent_ns = thread_cpu_ns() - before_ns;
    for (unsigned i = 0; i < count; i++)
        sink_drain(&sinks[i]);
    (void)poll(NULL, 0, STEP_MS);
    return spent_ns;
}

double floor_measure(unsigned subscribers)
{
    static const uint8_t key[16];
    struct sink sinks[SUBSCRIBERS_MAX];
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    unsigned opened = 0;
    int64_t spent_ns = 0;

    while (fd >= 0 && opened < subscribers && opened < SUBSCRIBERS_MAX &&
           sink_open(&sinks[opened]) == 0)
        opened++;
    bool good = opened == subscribers && cipher &&
                EVP_EncryptInit_ex(cipher, EVP_aes_128_gcm(), NULL, key, NULL);
    for (int step = 0; good && step < ROUNDS * STEPS; step++)
        spent_ns += send_to_all(fd, cipher, sinks, subscribers, step % STEPS);
    for (unsigned i = 0; i < opened; i++)
        close(sinks[i].fd);
    if (fd >= 0)
        close(fd);
    EVP_CIPHER_CTX_free(cipher);
    if (!good)
        return -1;
    return (double)spent_ns / 1000 / ((double)ROUNDS * subscribers * PACKETS);
}
