import { Status } from '../gen/assize/hearing/v1/hearing_pb.js';

/** Nothing follows in this session: it was closed, or adjourned to another day. */
export const isOver = (status: Status | undefined): boolean =>
  status === Status.CLOSED || status === Status.ADJOURNED;
