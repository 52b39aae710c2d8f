// What the renderer has to know of the place where it draws.

import { valuesOf } from "./block_kit/blocks.js";

/** `at` is the place, as the server has it; `inputs()` is what holds the inputs around it. */
export function contextAt(app, at, more = {}, inputs = () => null) {
  const place = () => ({ at, values: inputs() ? valuesOf(inputs()) : {} });
  return {
    act: ({ verb, action_id, value }) => app.post(verb, { ...place(), action_id, value }),
    suggest: async (action_id, text) => {
      const answer = await app.post("suggest", { at, action_id, text });
      return answer?.options ?? [];
    },
    names: app.screen.names,
    channels: app.screen.channels,
    locale: app.me.locale,
    t: app.t,
    state: {},
    errors: {},
    ...more,
  };
}
