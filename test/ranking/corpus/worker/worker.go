package worker

import (
	"context"
	"log"
	"time"
)

// Worker takes jobs from a queue and runs them until its context ends.
type Worker struct {
	Queue    *Queue
	Handlers map[string]func(context.Context, Job) error
}

// Run polls the queue. A cancelled context lets the current job finish: graceful shutdown.
func (w *Worker) Run(ctx context.Context) {
	for ctx.Err() == nil {
		job, err := w.Queue.Pop()
		if err != nil {
			time.Sleep(200 * time.Millisecond)
			continue
		}
		w.handle(context.WithoutCancel(ctx), job)
	}
}

func (w *Worker) handle(ctx context.Context, job Job) {
	if err := w.Handlers[job.Kind](ctx, job); err != nil {
		log.Printf("job %s failed: %v", job.ID, err)
		w.Queue.deadLetter(job)
		return
	}
	w.Queue.Ack(job.ID)
}
