package worker

import (
	"errors"
	"sync"
)

// ErrEmpty is returned by Pop when no job is waiting.
var ErrEmpty = errors.New("queue is empty")

// Job is one unit of background work.
type Job struct {
	ID       string
	Kind     string
	Attempts int
}

// Queue hands out jobs in order and keeps each until it is acknowledged.
type Queue struct {
	mu      sync.Mutex
	waiting []Job
	running map[string]Job
}

// Push adds a job at the end.
func (q *Queue) Push(job Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, job)
}

// Ack forgets a job that is done.
func (q *Queue) Ack(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, id)
}
