package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * R20: the user gets a notice of the login through the provider, and the login does not wait for
 * it.
 */
class UserNotificationsTests {

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<Runnable> waiting = new ArrayList<>();
  private final List<LoginNotice.LoggedIn> sentNotices = new ArrayList<>();
  private boolean refuses;

  /** Logins in these tests use the provider {@code app}. */
  private LoginNotice noticeOf(String provider) {
    return new LoginNotice() {
      @Override
      public String provider() {
        return provider;
      }

      @Override
      public void send(LoggedIn login) {
        if (refuses) {
          throw new IllegalStateException("the provider refuses");
        }
        sentNotices.add(login);
      }
    };
  }

  private UserNotifications notices(LoginNotice... ways) {
    NotMeLinks notMe =
        new NotMeLinks(
            new PhoneTokens("a-secret-for-phone-tokens-in-tests"),
            new PublicUrls(URI.create("https://a.example/")));
    return new UserNotifications(List.of(ways), notMe, waiting::add, meters);
  }

  private static Ticket collected() {
    return TicketFixtures.in(TicketState.CONSUMED, Instant.parse("2026-11-21T10:00:00Z"));
  }

  private double count(String outcome) {
    return meters.get("heliograph.logins.notices").tag("outcome", outcome).counter().count();
  }

  @Test
  void aNoticeNamesTheSiteAndHasTheNotMeLink() {
    Ticket ticket = collected();
    notices(noticeOf("app")).collected(ticket);
    assertThat(sentNotices).as("the login does not wait for it").isEmpty();
    waiting.forEach(Runnable::run);
    assertThat(sentNotices).hasSize(1);
    LoginNotice.LoggedIn notice = sentNotices.getFirst();
    assertThat(notice.subject()).isEqualTo("alice");
    assertThat(notice.site()).isEqualTo("example.com");
    assertThat(notice.label()).isEqualTo("Chrome on Windows");
    assertThat(notice.notMe())
        .matches("https://a\\.example/l/" + ticket.id() + "#k=[A-Za-z0-9_-]{43}");
    assertThat(count("sent")).isOne();
    assertThat(notice).hasToString("LoggedIn");
  }

  @Test
  void aProviderWithoutNoticesGetsNone() {
    notices(noticeOf("wechat-oa")).collected(collected());
    assertThat(waiting).isEmpty();
  }

  @Test
  void aFailedNoticeIsOnlyCounted() {
    refuses = true;
    notices(noticeOf("app")).collected(collected());
    waiting.forEach(Runnable::run);
    assertThat(sentNotices).isEmpty();
    assertThat(count("failed")).isOne();
  }

  @Test
  void noticesBeyondTheConcurrencyLimitAreDropped() {
    UserNotifications notices = notices(noticeOf("app"));
    for (int i = 0; i < UserNotifications.MAX_CONCURRENT + 3; i++) {
      notices.collected(collected());
    }
    assertThat(waiting).hasSize(UserNotifications.MAX_CONCURRENT);
    assertThat(count("dropped")).isEqualTo(3);
    waiting.forEach(Runnable::run);
    waiting.clear();
    notices.collected(collected());
    assertThat(waiting).as("a slot is free again").hasSize(1);
  }
}
