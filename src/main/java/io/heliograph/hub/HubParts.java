package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.ClusterBus;
import io.heliograph.session.Heartbeat;
import io.heliograph.session.SessionContext;
import io.heliograph.session.SessionListener;
import io.heliograph.session.SessionProperties;
import io.heliograph.session.SessionRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The parts of a node's hub and how they are put together. The application gets each as a bean;
 * tests put together the same.
 */
public final class HubParts {

  private final Broker broker;
  private final SessionRegistry registry = new SessionRegistry();
  private final ConnectionLimits limits;
  private final Subscriptions subscriptions;
  private final Publisher publisher;
  private final Hub hub;
  private final RemoteReceipts receipts;
  private final FanOut fanOut;

  /**
   * @param nanoTime monotonic nanoseconds
   * @param kinds the kinds of channels that have a state
   * @param listeners what listens to the sessions besides the hub's own parts
   * @param workers the number of threads that fan out to many subscribers
   */
  public HubParts(
      Broker broker,
      ClusterBus bus,
      SessionProperties properties,
      Clock clock,
      LongSupplier nanoTime,
      MeterRegistry meters,
      List<ChannelStates> kinds,
      List<SessionListener> listeners,
      int workers) {
    this.broker = broker;
    var metrics = new HubMetrics(meters, clock);
    var events = new SessionEvents();
    var states = new StatefulChannels(kinds);
    var deliveries = new DeliveryTracker();
    var log = new DeliveryLog(clock);
    var stuckWrites = new StuckWrites(properties.sendTimeout());
    var confirmations = new Confirmations(broker, nanoTime.getAsLong());
    var recovery = new Recovery(broker, registry, metrics);
    var memberships = new Memberships(broker, registry, states, events);
    var rights = new Rights(clock, memberships);
    var firstPages = new FirstPages();
    limits = new ConnectionLimits(properties);
    receipts = new RemoteReceipts(deliveries, bus, nanoTime);
    publisher = new Publisher(broker, receipts, metrics);
    fanOut = new FanOut(registry, recovery, deliveries, receipts, log, clock, workers);
    subscriptions =
        new Subscriptions(
            registry,
            memberships,
            recovery,
            firstPages,
            rights,
            states,
            metrics,
            events,
            properties.maxSubscriptions());
    hub =
        new Hub(
            registry,
            limits,
            new OwnChannels(memberships, recovery, firstPages, confirmations),
            memberships,
            events,
            metrics,
            new SessionContext(
                events, (int) properties.maxQueuedBytes().toBytes(), nanoTime, states),
            properties,
            clock,
            nanoTime);

    events.add(metrics);
    events.add(log);
    events.add(deliveries);
    events.add(confirmations);
    events.add(subscriptions.endings());
    events.add(rights);
    events.add(recovery);
    events.add(stuckWrites);
    events.add(new UnsendableMessages(metrics));
    listeners.forEach(events::add);

    metrics.limit(properties.maxPerNode());
    metrics.slow(stuckWrites.pending());

    var heartbeat =
        new Heartbeat(registry, properties.heartbeat(), nanoTime.getAsLong(), hub::endAtHeartbeat);
    hub.everyTick("A round of heartbeats", () -> heartbeat.tick(nanoTime.getAsLong()));
    hub.everyTick("Looking for stuck writes", () -> stuckWrites.tick(nanoTime.getAsLong()));
    hub.everyTick("Asking for confirmations", () -> confirmations.tick(nanoTime.getAsLong()));
    hub.everyTick("Reading logs again", recovery::tick);
    hub.everyTick("Ending rights", rights::tick);
    hub.everyTick("Sending receipts", receipts::tick);
  }

  /** Starts to receive announcements. */
  public void start() {
    receipts.start();
    broker.start(listener());
  }

  BrokerListener listener() {
    return fanOut;
  }

  public void stop() {
    fanOut.close();
  }

  public SessionRegistry registry() {
    return registry;
  }

  public ConnectionLimits limits() {
    return limits;
  }

  public Subscriptions subscriptions() {
    return subscriptions;
  }

  public Publisher publisher() {
    return publisher;
  }

  public Hub hub() {
    return hub;
  }
}
