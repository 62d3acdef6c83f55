// Uses every declaration of react.d.ts. Checked as types.ts is; never run.
import {connect} from '../../main/js/heliograph.js';
import {useChannel, type ChannelOptions, type ChannelView} from '../../main/js/react.js';

interface Price { symbol: string; price: number }

const h = connect('/ws');
const none: ChannelOptions = {token: undefined, since: undefined, keep: undefined, onMessage: undefined, onGap: undefined};
const all: ChannelOptions<Price> = {
  token: async ({channel}) => channel, since: 'e:1', keep: 10,
  onMessage: ({data}) => data.price.toFixed(), onGap: gap => gap.position.length
};
const view: ChannelView<Price, {open: boolean}> = useChannel<Price, {open: boolean}>(h, 'topic:prices', all);
const prices: string[] = view.messages.map(({data}) => data.symbol);
// @ts-expect-error what is shown cannot be changed
view.messages.push();
console.log(prices, view.state?.open, view.gap?.channel, view.error);
useChannel(null, undefined, none);
useChannel(undefined, null);
