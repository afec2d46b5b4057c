// Threads that sleep between calls. Whoever calls is thread 0. A call that finds the team taken
// runs on its own thread alone, so that calls from many threads share the processors.
#define _GNU_SOURCE
#include "team.h"
#include <pthread.h>
#include <sched.h>
#include <stdint.h>

#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() __asm__ volatile("yield")
#endif
enum { SPINS = 4000 };  // some 50 µs; whoever waits for longer lets others run

void barrier_prepare(Barrier *barrier, int parties) {
  atomic_init(&barrier->arrived, 0);
  atomic_init(&barrier->turn, 0);
  barrier->parties = parties;
}

void barrier_wait(Barrier *barrier) {
  if (barrier->parties == 1) return;
  const int turn = atomic_load_explicit(&barrier->turn, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) ==
      barrier->parties - 1) {
    atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
    atomic_store_explicit(&barrier->turn, turn + 1, memory_order_release);
    return;
  }
  for (int spin = 0; atomic_load_explicit(&barrier->turn, memory_order_acquire) == turn; spin++)
    if (spin < SPINS) PAUSE();
    else sched_yield();
}

static pthread_mutex_t taken = PTHREAD_MUTEX_INITIALIZER;  // by the call that runs on the team
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;   // of what follows
static pthread_cond_t begun = PTHREAD_COND_INITIALIZER, ended = PTHREAD_COND_INITIALIZER;
static int limit, started, wanted;
static unsigned calls,
    seen[MOST_THREADS];  // how many there were, and how many each thread knows of
static Work work;
static void *argument;
static atomic_int unfinished;

// A forked child has the memory of the team, but none of its threads.
static void forget_team(void) {
  pthread_mutex_init(&taken, NULL), pthread_mutex_init(&lock, NULL);
  pthread_cond_init(&begun, NULL), pthread_cond_init(&ended, NULL);
  started = wanted = 0;
}
__attribute__((constructor)) static void survive_fork(void) {
  pthread_atfork(NULL, NULL, forget_team);
}

static void *member(void *given) {
  const int thread = (int)(intptr_t)given;
  pthread_mutex_lock(&lock);
  for (;;) {
    while (calls == seen[thread] || thread >= wanted) {
      seen[thread] = calls;
      pthread_cond_wait(&begun, &lock);
    }
    seen[thread] = calls;
    const Work run = work;
    void *call = argument;
    const int threads = wanted;
    pthread_mutex_unlock(&lock);
    run(call, thread, threads);
    pthread_mutex_lock(&lock);
    if (atomic_fetch_sub(&unfinished, 1) == 1) pthread_cond_signal(&ended);
  }
  return NULL;
}

static int start_member(int thread) {
  pthread_t made;
  seen[thread] = calls;
  if (pthread_create(&made, NULL, member, (void *)(intptr_t)thread)) return 0;
  pthread_detach(made);
  return 1;
}

void team_limit(int threads) {
  pthread_mutex_lock(&lock);
  limit = threads;
  pthread_mutex_unlock(&lock);
}

static int processors(void) {
  cpu_set_t set;
  const int count = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
  return count < MOST_THREADS ? count : MOST_THREADS;
}

int team_take(void) {
  int threads = processors();
  if (threads < 2 || pthread_mutex_trylock(&taken)) return 1;
  pthread_mutex_lock(&lock);
  if (limit && limit < threads) threads = limit;
  while (started < threads - 1 && start_member(started + 1)) started++;
  if (threads > started + 1) threads = started + 1;
  pthread_mutex_unlock(&lock);
  if (threads == 1) pthread_mutex_unlock(&taken);
  return threads;
}

void team_run(Work run, void *call, int threads) {
  if (threads == 1) {
    run(call, 0, 1);
    return;
  }
  pthread_mutex_lock(&lock);
  work = run, argument = call, wanted = threads, calls++;
  atomic_store(&unfinished, threads - 1);
  pthread_cond_broadcast(&begun);
  pthread_mutex_unlock(&lock);
  run(call, 0, threads);
  for (int spin = 0; spin < SPINS && atomic_load(&unfinished); spin++) PAUSE();
  pthread_mutex_lock(&lock);
  while (atomic_load(&unfinished)) pthread_cond_wait(&ended, &lock);
  pthread_mutex_unlock(&lock);
  pthread_mutex_unlock(&taken);
}
