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
	dead    []Job
}

// Push adds a job at the end.
func (q *Queue) Push(job Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, job)
}

// Pop takes the oldest waiting job.
func (q *Queue) Pop() (Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return Job{}, ErrEmpty
	}
	job := q.waiting[0]
	q.waiting = q.waiting[1:]
	q.running[job.ID] = job
	return job, nil
}

// Ack forgets a job that is done.
func (q *Queue) Ack(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, id)
}
