import { useEffect, useState } from 'preact/hooks';
import type { Status } from 'onward/client';
import { client, messageOf, subscribe } from '../api.js';
import { isFinal } from '../labels.js';

/** Loads the status of a journey and follows its changes. */
export function useStatus(id: string, isErased: boolean) {
  const [status, setStatus] = useState<Status>();
  const [problem, setProblem] = useState<string>();
  const [turn, setTurn] = useState(0);
  const isOver = status !== undefined && isFinal(status.state);
  useEffect(() => {
    if (isErased) return;
    let current = true;
    let close = () => {};
    const update = (next: unknown) => setStatus(next as Status);
    client.status(id).then(
      (first) => {
        if (!current) return;
        setStatus(first);
        setProblem(undefined);
        // The event stream ends with the journey. Polling detects a restart.
        close = subscribe(`/v1/users/${encodeURIComponent(id)}/onboarding`, { status: update }, () => close());
      },
      (error: unknown) => current && setProblem(messageOf(error)),
    );
    return () => {
      current = false;
      close();
    };
  }, [id, turn, isErased]);
  useEffect(() => {
    const timer = setInterval(() => setTurn((before) => before + 1), isOver ? 5_000 : 20_000);
    return () => clearInterval(timer);
  }, [isOver]);
  return { status, problem };
}
