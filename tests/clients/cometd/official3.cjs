// The official JavaScript client 3.1.14, the generation of the agents' desktops.
// node official3.cjs URL USER TRANSPORT[,TRANSPORT] [ack] [timesync]
'use strict';
const lib = require('cometd3');
require('cometd-nodejs-client1').adapt();
const converse = require('./converse.cjs');

const client = new lib.CometD();
converse(client, {
  ack: () => new (require('cometd3/AckExtension'))(),
  timesync: () => new (require('cometd3/TimeSyncExtension'))(),
  types: client.getTransportTypes(),
});
