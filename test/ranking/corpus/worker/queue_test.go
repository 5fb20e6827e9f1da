package worker

import "testing"

func TestQueueKeepsOrder(t *testing.T) {
	q := &Queue{running: map[string]Job{}}
	q.Push(Job{ID: "a"})
	q.Push(Job{ID: "b"})
	if len(q.waiting) != 2 || q.waiting[0].ID != "a" {
		t.Fatal("jobs out of order")
	}
}
