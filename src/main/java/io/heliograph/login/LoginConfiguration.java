package io.heliograph.login;

import io.heliograph.concurrent.RepeatedTask;
import io.heliograph.hub.Publisher;
import io.heliograph.hub.Subscriptions;
import io.heliograph.security.SecurityProperties;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Beans of QR login that do not depend on the store. */
@Configuration(proxyBeanMethods = false)
class LoginConfiguration {

  private static final Logger log = LoggerFactory.getLogger(LoginConfiguration.class);

  @Bean
  Tickets tickets(
      TicketStore store,
      LoginProperties properties,
      LoginStatePublisher publisher,
      JsonMapper json,
      MeterRegistry meters) {
    TicketRules rules =
        new TicketRules(
            properties.refreshLimit(), properties.proximity(), properties.denyOnMultiScan());
    return new Tickets(
        store, rules, publisher::announce, json, meters, properties.limits().waits());
  }

  @Bean
  LoginStatePublisher loginStatePublisher(Publisher publisher, JsonMapper json, Clock clock) {
    return new LoginStatePublisher(publisher, json, clock);
  }

  @Bean
  LoginSubscriptions loginSubscriptions(JsonMapper json) {
    return new LoginSubscriptions(json);
  }

  @Bean
  LoginChannelAuthorizer watchTokens(PhoneLogins service, JsonMapper json) {
    return new LoginChannelAuthorizer(service, json, task -> Thread.ofVirtual().start(task));
  }

  @Bean
  LoginLimits loginLimits(LoginProperties properties, MeterRegistry meters) {
    return new LoginLimits(properties.limits(), meters);
  }

  @Bean
  SharedKeys sharedKeys(LoginProperties properties, SecurityProperties security) {
    return new SharedKeys(properties.phoneTokenSecret(), security.tokens().secret());
  }

  @Bean
  PhoneTokens phoneTokens(SharedKeys keys) {
    return new PhoneTokens(keys.textOf("phone"));
  }

  @Bean
  PublicUrls publicUrls(LoginProperties properties) {
    return new PublicUrls(properties.publicBaseUrl());
  }

  @Bean
  NotMeLinks notMeLinks(PhoneTokens tokens, PublicUrls urls) {
    return new NotMeLinks(tokens, urls);
  }

  @Bean
  DisownedLogins disownedLogins(
      Publisher publisher, JsonMapper json, Clock clock, MeterRegistry meters) {
    return new DisownedLogins(publisher::publish, json, clock, meters);
  }

  @Bean
  UserNotifications loginNotices(
      ObjectProvider<LoginNotice> notices, NotMeLinks notMe, MeterRegistry meters) {
    return new UserNotifications(notices, notMe, task -> Thread.ofVirtual().start(task), meters);
  }

  @Bean
  Grants grants(
      Tickets tickets, GrantStore store, UserNotifications notifications, SharedKeys keys) {
    return new Grants(tickets, store, notifications, keys.of("grant"));
  }

  @Bean
  PhoneLogins loginService(
      Tickets tickets,
      Grants grants,
      PhoneTokens phoneTokens,
      LoginLimits limits,
      DisownedLogins reports) {
    return new PhoneLogins(tickets, grants, phoneTokens, limits, reports);
  }

  @Bean
  BrowserLogins browserLogins(
      Tickets tickets,
      LoginProperties properties,
      ObjectProvider<QrProvider> others,
      LoginLimits limits) {
    List<QrProvider> providers = new ArrayList<>(others.orderedStream().toList());
    providers.add(new AppQrProvider());
    return new BrowserLogins(tickets, properties, providers, limits);
  }

  @Bean
  RepeatedTask loginReconciliation(
      LoginSubscriptions logins,
      Subscriptions subscriptions,
      Tickets tickets,
      LoginStatePublisher states) {
    var reconciler =
        new LoginStateReconciler(logins, subscriptions, tickets, states, System::nanoTime);
    return new RepeatedTask(
        "login-rounds", LoginStateReconciler.STEP, "Reconciling logins", reconciler::step);
  }

  @Bean
  RepeatedTask loginSweep(Tickets tickets, GrantStore grants) {
    return new RepeatedTask(
        "login-sweeper", Duration.ofSeconds(1), "Sweeping logins", () -> sweep(tickets, grants));
  }

  private static void sweep(Tickets tickets, GrantStore grants) {
    try {
      tickets.sweep();
      grants.forget();
    } catch (TicketStoreUnavailableException e) {
      // The unavailable store is already logged elsewhere; a line each second would add nothing.
      log.debug("Cannot sweep logins", e);
    }
  }
}
