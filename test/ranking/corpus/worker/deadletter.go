package worker

const maxAttempts = 10

// deadLetter puts a failed job back, or aside for a person to look at after too many attempts.
func (q *Queue) deadLetter(job Job) {
	job.Attempts++
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, job.ID)
	if job.Attempts < maxAttempts {
		q.waiting = append(q.waiting, job)
		return
	}
	q.dead = append(q.dead, job)
}
