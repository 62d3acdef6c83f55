// @ts-check
/**
 * A channel as Vue refs.
 *
 *     const {messages, state, gap, error} = useChannel(heliograph, 'topic:news', {token});
 *
 * @module heliograph/vue
 */
import {onScopeDispose, shallowRef, toValue, watch} from 'vue';

/**
 * Subscribes until the scope ends, that of a component for instance. Connection and channel may be refs or getters; none:
 * no subscription.
 *
 * @param {import('vue').MaybeRefOrGetter<import('./heliograph.d.ts').Heliograph<any> | null | undefined>} heliograph
 * @param {import('vue').MaybeRefOrGetter<string | null | undefined>} channel
 * @param {import('./react.d.ts').ChannelOptions} [options]
 */
export function useChannel(heliograph, channel, {token, since, keep = 100, onMessage, onGap} = {}) {
  /** @type {import('vue').ShallowRef<readonly any[]>} */
  const messages = shallowRef([]);
  const state = shallowRef();
  const gap = shallowRef();
  const error = shallowRef();
  /** @type {import('./heliograph.d.ts').Subscription | undefined} */
  let subscription;
  const stop = () => subscription?.unsubscribe();

  watch([() => toValue(heliograph), () => toValue(channel)], ([connection, name]) => {
    stop();
    messages.value = [];
    state.value = gap.value = error.value = subscription = undefined;
    if (!connection || !name) {
      return;
    }
    subscription = connection.subscribe(name, {
      token,
      since,
      onMessage(message) {
        messages.value = [...messages.value, message].slice(-keep);
        error.value = undefined;
        return onMessage?.(message);
      },
      onState(snapshot) {
        state.value = snapshot;
        error.value = undefined;
      },
      onGap(lost) {
        gap.value = lost;
        return onGap?.(lost);
      },
      onError: trouble => {
        error.value = trouble.problem ?? trouble.error;
      }
    });
  }, {immediate: true});
  onScopeDispose(stop);
  return {messages, state, gap, error};
}
