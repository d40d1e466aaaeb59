// The official JavaScript client 9.
// node official9.mjs URL USER TRANSPORT[,TRANSPORT] [ack] [timesync]
import {adapt} from 'cometd-nodejs-client2';
import {AckExtension, CometD, TimeSyncExtension} from 'cometd9';
import converse from './converse.cjs';

adapt();
const client = new CometD();
converse(client, {
  ack: () => new AckExtension(),
  timesync: () => new TimeSyncExtension(),
  types: client.getTransportTypes(),
});
