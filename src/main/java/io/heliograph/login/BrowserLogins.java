package io.heliograph.login;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.heliograph.login.QrProvider.QrContent;
import io.heliograph.login.QrProvider.QrOrder;
import io.heliograph.login.TicketEvent.Cancel;
import io.heliograph.login.TicketEvent.Refresh;
import io.heliograph.message.Ids;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The browser's side of a login: creates, refreshes and cancels tickets. */
public final class BrowserLogins {

  private static final Logger log = LoggerFactory.getLogger(BrowserLogins.class);
  private static final int BROWSERS_REMEMBERED = 100_000;
  private static final int CHOICES = 3;

  private final SecureRandom random = new SecureRandom();
  private final Tickets tickets;
  private final LoginProperties properties;
  private final LoginLimits limits;
  private final Map<String, QrProvider> providersById;

  /**
   * The open tickets of each browser on this node, by the hash of its cookie. Limits well-behaved
   * browsers only; a client that omits the cookie is limited by its address.
   */
  private final Cache<String, List<String>> ticketsByBrowser =
      Caffeine.newBuilder().maximumSize(BROWSERS_REMEMBERED).build();

  BrowserLogins(
      Tickets tickets, LoginProperties properties, List<QrProvider> providers, LoginLimits limits) {
    this.limits = limits;
    this.tickets = tickets;
    this.properties = properties;
    this.providersById =
        providers.stream().collect(Collectors.toMap(QrProvider::id, Function.identity()));
  }

  /**
   * The browser that requests a code.
   *
   * @param cookie proves the browser's identity, now and when it collects the grant
   * @param bound the browser is known to send its cookie here
   * @param base the address at which phones reach this service
   */
  public record Requester(
      String cookie,
      boolean bound,
      String label,
      String browser,
      Place place,
      String site,
      URI base) {
    @Override
    public String toString() {
      return "Requester";
    }
  }

  /**
   * A new ticket with its watch token, which is returned to the browser and stored only as a hash.
   */
  public record Issued(Ticket ticket, String watchToken) {
    @Override
    public String toString() {
      return "Issued[" + ticket + ']';
    }
  }

  public boolean knows(String provider) {
    return providersById.containsKey(provider);
  }

  public Issued create(String provider, String challenge, Requester requester) {
    requireRoom(requester.cookie());
    return add(prepare(provider, challenge, requester, Ids.random128(), 0), requester);
  }

  /**
   * Replaces a ticket. The old one ends before the new one is issued, so that a page has one open
   * code.
   */
  public Issued refresh(
      Ticket old, boolean automatic, boolean force, String challenge, Requester requester) {
    int refreshes = automatic ? old.terms().automaticRefreshes() + 1 : 0;
    Terms terms = old.terms();
    if (old.state() == TicketState.ISSUED
        && automatic
        && terms.automaticRefreshes() >= properties.refreshLimit()) {
      // Before the call to the provider, which counts against a quota.
      throw refused(Refusal.REFRESH_LIMIT, old);
    }
    Issued fresh =
        old.state().isFinal()
            ? null
            : prepare(terms.provider(), challenge, requester, terms.group(), refreshes);
    TicketOutcome outcome =
        tickets.apply(old.id(), new Refresh(automatic)).orElseThrow(LoginProblems::notFound);
    if (outcome instanceof TicketOutcome.Refused(_, Refusal why)) {
      boolean forced = why == Refusal.IN_USE && force;
      if (!forced) {
        throw refused(why, outcome.ticket());
      }
      tickets.apply(old.id(), new Cancel(EndReason.REFRESHED));
    }
    if (fresh == null) {
      throw refused(Refusal.GONE, outcome.ticket());
    }
    return add(fresh, requester);
  }

  private static ProblemException refused(Refusal why, Ticket ticket) {
    return LoginProblems.of(why, ticket.state(), 0);
  }

  private Issued prepare(
      String providerId, String challenge, Requester requester, String group, int refreshes) {
    QrProvider provider = Optional.ofNullable(providersById.get(providerId)).orElseThrow();
    String id = Ids.random128();
    QrContent content;
    try {
      content = provider.prepare(new QrOrder(id, properties.life(), requester.base()));
    } catch (QrProvider.ProviderUnavailableException e) {
      log.warn("The login provider {} is not available: {}", providerId, e.getMessage());
      throw new ProblemException(
              ProblemType.PROVIDER_UNAVAILABLE,
              "The login provider cannot create a code at the moment; send the request again"
                  + " later.")
          .retryAfter(Duration.ofSeconds(5));
    }
    String watchToken = BearerSecrets.make();
    List<Integer> choices = properties.matchCode() ? choices() : List.of();
    // The clock is read after the provider's answer, so that a slow provider does not shorten the
    // ticket's tickets.
    Instant now = tickets.store().now();
    Terms terms =
        new Terms(
            group,
            refreshes,
            providerId,
            provider.confirmsItself(),
            content.reference(),
            content.text(),
            properties.policy(),
            now,
            properties.life(),
            properties.confirmWithin(),
            properties.exchangeWithin(),
            BearerSecrets.hash(watchToken),
            challenge,
            BearerSecrets.hash(requester.cookie()),
            requester.bound(),
            choices.isEmpty() ? null : choices.get(random.nextInt(CHOICES)),
            choices,
            requester.label(),
            requester.browser(),
            requester.place(),
            requester.site());
    return new Issued(Ticket.issue(id, terms), watchToken);
  }

  /** Distinct two-digit numbers. */
  private List<Integer> choices() {
    List<Integer> numbers = new ArrayList<>();
    while (numbers.size() < CHOICES) {
      int number = 10 + random.nextInt(90);
      if (!numbers.contains(number)) {
        numbers.add(number);
      }
    }
    Collections.shuffle(numbers, random);
    return numbers;
  }

  private void requireRoom(String cookie) {
    String browser = BearerSecrets.hash(cookie);
    List<String> open = openOf(browser);
    if (open.size() >= properties.limits().openPerBrowser()) {
      limits.refused(LoginLimits.Limit.OPEN_PER_BROWSER);
      throw new ProblemException(
              ProblemType.TOO_MANY_TICKETS,
              "This browser has "
                  + open.size()
                  + " open codes, which is the limit; cancel one or wait until one expires.")
          .retryAfter(properties.life());
    }
  }

  private List<String> openOf(String browser) {
    return ticketsByBrowser.get(browser, _ -> List.of()).stream()
        .filter(id -> tickets.find(id).filter(t -> !t.state().isFinal()).isPresent())
        .toList();
  }

  private Issued add(Issued issued, Requester requester) {
    if (!tickets.begin(issued.ticket())) {
      limits.refused(LoginLimits.Limit.OPEN);
      throw new ProblemException(
              ProblemType.TOO_MANY_TICKETS,
              "The limit of open codes on this service is reached; wait until one expires.")
          .retryAfter(properties.life());
    }
    String browser = BearerSecrets.hash(requester.cookie());
    List<String> open = new ArrayList<>(openOf(browser));
    open.add(issued.ticket().id());
    ticketsByBrowser.put(browser, List.copyOf(open));
    return issued;
  }

  /**
   * @param unscanned cancel only if no phone has scanned the code
   */
  public void cancel(Ticket ticket, boolean unscanned) {
    TicketOutcome outcome =
        tickets
            .apply(ticket.id(), new Cancel(EndReason.CANCELLED_BY_BROWSER, unscanned))
            .orElseThrow(LoginProblems::notFound);
    if (outcome instanceof TicketOutcome.Refused(Ticket now, Refusal why)) {
      throw refused(why, now);
    }
  }
}
