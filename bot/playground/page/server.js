// The playground's server: what a person sees comes as server-sent events, and what they do is posted.

/** Calls `listeners.screen`, `.traffic` and, whenever that changes, `.connected`; `.refused` at the end.
 * Returns what ends it. */
export function look(person, listeners) {
  const source = new EventSource(`/screen?person=${encodeURIComponent(person)}`);
  source.addEventListener("screen", (event) => listeners.screen(JSON.parse(event.data)));
  source.addEventListener("traffic", (event) => listeners.traffic(JSON.parse(event.data)));
  source.addEventListener("open", () => listeners.connected(true));
  source.addEventListener("error", () => {
    listeners.connected(false);
    if (source.readyState === EventSource.CLOSED) {
      listeners.refused();
    }
  });
  return () => source.close();
}

/** Throws an Error in words for the person where it cannot be done. */
export async function post(verb, asked) {
  const answer = await fetch(`/do/${verb}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(asked),
  });
  const result = answer.ok ? await answer.json() : { error: await answer.text() };
  if (result.error) {
    throw new Error(result.error);
  }
  return result;
}
