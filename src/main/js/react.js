// @ts-check
/**
 * A channel as React state.
 *
 *     const {messages, state, gap, error} = useChannel(heliograph, 'topic:news', {token});
 *
 * @module heliograph/react
 */
import {useEffect, useRef, useState} from 'react';

/** @type {import('./react.d.ts').ChannelView} */
const EMPTY = {messages: [], state: undefined, gap: undefined, error: undefined};

/**
 * Subscribes while the component is mounted. Functions among the options may be new ones in each render: the latest are
 * called, and only another connection or channel subscribes anew.
 *
 * @param {import('./heliograph.d.ts').Heliograph<any> | null | undefined} heliograph none: not yet, as on a server
 * @param {string | null | undefined} channel none: no channel
 * @param {import('./react.d.ts').ChannelOptions} [options]
 * @returns {import('./react.d.ts').ChannelView}
 */
export function useChannel(heliograph, channel, options = {}) {
  const [view, setView] = useState(EMPTY);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    setView(EMPTY);
    if (!heliograph || !channel) {
      return undefined;
    }
    /** @param {(view: typeof EMPTY) => Partial<typeof EMPTY>} change */
    const update = change => setView(before => ({...before, ...change(before)}));
    const {token, since} = latest.current;
    const subscription = heliograph.subscribe(channel, {
      since,
      token: typeof token === 'function' ? request => /** @type {any} */ (latest.current.token)(request) : token,
      onMessage(message) {
        update(({messages}) => ({messages: [...messages, message].slice(-(latest.current.keep ?? 100)), error: undefined}));
        return latest.current.onMessage?.(message);
      },
      onState: state => update(() => ({state, error: undefined})),
      onGap(gap) {
        update(() => ({gap}));
        return latest.current.onGap?.(gap);
      },
      onError: ({problem, error}) => update(() => ({error: problem ?? error}))
    });
    return () => subscription.unsubscribe();
  }, [heliograph, channel]);
  return view;
}
