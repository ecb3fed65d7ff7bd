# Every word a reader sees, in English. The keys are those of ja.ftl.
#
# To change a sentence, put a file of the same name into the template folder's locales/ with only the messages that
# are to differ. Text in braces is filled in; leave a placeholder out if you do not need it.

## The sign-up page

# How often a letter comes is daily, weekly, monthly, or other: there is no common word for its schedule, or there are several.
sign-up-heading = { $often ->
    [daily] The latest news and openings in Japan, every day
    [weekly] The latest news and openings in Japan, once a week
    [monthly] The latest news and openings in Japan, once a month
   *[other] The latest news and openings in Japan
  }
sign-up-promise = { $often ->
    [daily] One letter every day: what is new in Japan, and which positions, calls and programmes are open right now. Leave us your address and we’ll keep you posted.
    [weekly] One letter every week: what is new in Japan, and which positions, calls and programmes are open right now. Leave us your address and we’ll keep you posted.
    [monthly] One letter every month: what is new in Japan, and which positions, calls and programmes are open right now. Leave us your address and we’ll keep you posted.
   *[other] What is new in Japan, and which positions, calls and programmes are open right now, by mail. Leave us your address and we’ll keep you posted.
  }
sign-up-email = Your e-mail address
sign-up-button = Keep me posted
sign-up-editions = Which letters would you like?
# Beside the button: what is sent, by whom, and how to stop it (guideline to the Act on Regulation of Transmission of
# Specified Electronic Mail).
sign-up-consent = By signing up you agree that { $sender } sends “{ $site }” to this address { $often ->
    [daily] about once a day
    [weekly] about once a week
    [monthly] about once a month
   *[other] as often as it appears
  }. The letter carries news and openings, and may contain announcements and advertising. You can leave at any time with one click.
# Where there are several editions to tick.
sign-up-consent-several = By signing up you agree that { $sender } sends the letters you have ticked to this address, each as often as it appears. They carry news and openings, and may contain announcements and advertising. You can leave at any time with one click.
sign-up-next = We first send one mail with a link. You are on the list once you follow it and confirm.
sign-up-suggestion = Did you mean { $address }?
sign-up-carriers = On docomo, au or SoftBank? Please allow mail from the domain { $domain } (ドメイン指定受信) before you sign up, or our mail may not reach you.
sign-up-past = Read past issues first
sign-up-error = { $problem ->
    [empty] Please type your e-mail address.
    [no_at] An e-mail address has an @ in it. Please look at it once more.
    [domain] The part after the @ does not look right. Please look at it once more.
    [too_long] This is too long for an e-mail address. Please look at it once more.
    [invisible] There is an invisible character in the address. Please type it by hand.
    [not_allowed] This address belongs to those who run the mail server. Please use your own.
    [too_many] Too many attempts in a short time. Please try again in a few minutes.
   *[malformed] This does not look like an e-mail address. Please look at it once more.
  }
# The value is what the form sent.
sign-up-unknown-edition = We have no letter called “{ $value }”. This form is for “{ $site }”: press the button again if that is what you would like.
sign-up-unknown-edition-several = We have no letter called “{ $value }”. Please tick what you would like, and press the button again.
sign-up-no-edition = No letter was chosen. This form is for “{ $site }”: press the button again if that is what you would like.
sign-up-no-edition-several = Please tick at least one letter.
sign-up-unknown-language = We do not write in the language “{ $value }”. If you press the button again, our mails will be in English.
sign-up-part = “{ $value }” cannot be chosen here. This form is for whole letters; sections, and languages of articles, are chosen with the link in each letter. Press the button again to sign up for all of it.
# The label of a field that people do not see; only programs fill it in.
honeypot = Leave this field empty

## After the form

check-inbox-title = Please look at your inbox
check-inbox-text = If the address is new to us, we have just sent a mail to it. Follow the link in that mail and press the button there, and you are on the list.
check-inbox-already = If you are subscribed already, nothing has changed and no mail comes: the link “Choose what you receive” at the foot of each letter is where you add others.
check-inbox-missing = No mail after a few minutes? Look in the spam folder, and see whether the address was typed correctly.
check-inbox-again = Back to the form

confirm-title = Confirm your subscription
confirm-text = { $often ->
    [daily] One more press, and “{ $site }” comes to your inbox about once a day.
    [weekly] One more press, and “{ $site }” comes to your inbox about once a week.
    [monthly] One more press, and “{ $site }” comes to your inbox about once a month.
   *[other] One more press, and “{ $site }” comes to your inbox.
  }
confirm-text-several = One more press, and this comes to your inbox:
confirm-button = Confirm my subscription
confirm-not-me = If you did not sign up, just close this page. Nothing will be sent to you.

confirmed-title = Welcome aboard
confirmed-text = Your subscription to “{ $site }” is confirmed. The next issue comes to your inbox.
confirmed-text-several = Your subscription is confirmed. From the next issue on, this comes to your inbox:
# An issue that is sent at once to whoever comes between two.
confirmed-welcome = You need not wait for it: the latest issue of “{ $edition }”, No. { $number }, is on its way to you now.
confirmed-leave = Every issue carries a link to leave, in case you change your mind.

## Leaving and coming back

unsubscribe-title = { $several ->
    [true] Stop all our letters?
   *[false] Stop receiving “{ $site }”?
  }
unsubscribe-text = Press the button, and nothing more will be sent to you. It takes effect at once.
unsubscribe-button = Unsubscribe

unsubscribed-title = You have been unsubscribed
unsubscribed-text = { $several ->
    [true] We will not send you any of our letters any more. Thank you for reading.
   *[false] We will not send “{ $site }” to you any more. Thank you for reading.
  }
unsubscribed-mistake = Was that a slip of the finger?
unsubscribed-button = Subscribe again

resubscribed-title = Good to have you back
resubscribed-text = You are subscribed to “{ $site }” again. The next issue comes to your inbox.
resubscribed-text-several = You are subscribed again. From the next issue on, this comes to your inbox:

## Choosing

preferences-title = What comes to your inbox
preferences-text = These are the settings of { $address }. Untick what you can do without.
preferences-take = Send me this letter
preferences-sections = Sections
preferences-languages = Articles in
preferences-mail-language = Language of our mails
preferences-button = Save
preferences-note = An issue that is going out at this moment may still come as it was.
preferences-saved = Saved. The next issue comes as you have just set it.
preferences-nothing = Nothing was saved. Of “{ $edition }”, please leave at least one section and one language ticked.
# The value is what the form sent.
preferences-unknown = { $field ->
    [edition] We have no letter called “{ $value }”.
    [section] There is no section “{ $value }”.
    [language] There is no choice “{ $value }” among the languages of articles.
   *[mail_language] We do not write in the language “{ $value }”.
  } Nothing was saved. Please look at what is ticked, and press the button again.
preferences-leave = Stop all mails
# What somebody takes of a letter, if it is not all.
takes-sections = Sections: { $names }
takes-languages = Articles in: { $names }
# Between the names in a row; the braces keep the space.
list-comma = ,{" "}

bad-link-title = This link does not work
bad-link-text = A part of it may be missing, or it may be too old: links to confirm a subscription are good for a few days only.
bad-link-copy = Please open the link straight from the mail. If it is broken over two lines, copy all of it into the address bar.
bad-link-again = If you were signing up, enter your address once more and we will send a new link.
bad-link-leave = If you want to leave and no link works, write to us and we will take you off the list: { $contact }
# A good link, to somebody who is no reader (any more).
link-over-title = { $reader ->
    [unsubscribed] You have unsubscribed
    [pending] Your subscription is not confirmed yet
    [suppressed] We do not write to this address
   *[gone] Nobody is subscribed under this link
  }
link-over-text = { $reader ->
    [unsubscribed] Nothing is sent to you any more, so there is nothing to choose or to confirm with this link.
    [pending] Nothing is sent to you yet, so there is nothing to choose.
    [suppressed] It is on the list of addresses that get no mail from us, whatever was chosen before.
   *[gone] The address it was made for has been erased, or its sign-up was never confirmed. We keep nothing of it, and nothing is sent.
  }
link-over-advice = { $reader ->
    [unsubscribed] If you would like to read us again, enter your address on the front page, and confirm it by the mail that we send you.
    [pending] Please look for our mail and press the button behind its link; it may be in the spam folder. If it does not turn up within a day, enter your address on the front page once more.
    [suppressed] If you think that this is a mistake, please write to us: { $contact }
   *[gone] If you would like to read us, enter your address on the front page.
  }

## Other pages

problem-title = { $problem ->
    [not_found] There is no such page
    [sign_up_form] Sign up on the front page
    [come_back] To subscribe again
    [too_many] One moment, please
    [too_large] That was too much at once
    [bad_request] We did not understand that
    [unavailable] We will be back shortly
   *[internal] Something went wrong
  }
problem-text = { $problem ->
    [not_found] The address may be mistyped, or the page may have moved.
    [sign_up_form] This is where the form is sent, and there is nothing to read here. Please enter your address on the front page.
    [come_back] If you have just pressed the button that subscribes you again, it is done, and the next issue comes to your inbox. If not, enter your address on the front page, and confirm it by the mail that we send you.
    [too_many] Too many requests came from your network in a short time. Please try again in a few minutes.
    [too_large] What was sent is larger than we accept. Please go back and try again with less.
    [bad_request] The form arrived incomplete. Please go back and try again.
    [unavailable] The service is being looked after. Please try again in a few minutes.
   *[internal] It is our fault, not yours, and it has been written down. Please try again in a few minutes.
  }
problem-home = To the front page

issues-title = Past issues
issues-none = No issue has appeared yet. Sign up, and you will have the first one.
issues-number = No. { $number }

# What an issue is called: the subject of its mail.
issue-called = { $title }
issue-title = { $edition } No. { $number }
issue-subscribe-heading = Have the next issue sent to you
issue-subscribe-text = { $often ->
    [daily] About once a day, and you can leave at any time.
    [weekly] About once a week, and you can leave at any time.
    [monthly] About once a month, and you can leave at any time.
   *[other] You can leave at any time.
  }
issue-subscribe-button = Subscribe
issue-older = Earlier issue
issue-newer = Later issue

embed-title = Put the form on your own site
embed-text = Copy these lines into your page. The form needs no JavaScript and takes on the look of its surroundings.
embed-preview = This is how it works

nav-issues = Past issues
nav-languages = Language
# Labels; the braces keep the space before what follows.
footer-contact = Contact:{ " " }
footer-address = Address:{ " " }

## The archive

issues-description = Past issues of “{ $site }”: the latest news and openings in Japan.
issues-edition-all = All editions
issues-older = Earlier issues
issues-newest = Back to the latest
issues-feeds = Follow the issues in a feed reader:
archive-closed = Closed { $date }
# Before the facts of an opening; read out, and printed small.
archive-company = From
archive-place = Place
archive-pay = Pay

## In issues, on paper and on the web

section-news = News
section-openings = Openings
item-closes = Closes { $date }
# Before the names of other sources of the same story; the braces keep the space.
item-also-at = Also at:{ " " }
item-photo = Photo: { $credit }

## The digest

digest-subject = { $edition } No. { $number }: { $headline }
digest-number = No. { $number }
digest-view = Read on the web
digest-why = You receive this letter because you subscribed to “{ $edition }”.
# The note that mails can be refused stands right beside the link that does it (Art. 4).
digest-unsubscribe-note = You can refuse further mails at any time:{ " " }
digest-unsubscribe = Unsubscribe with one click
# The titles of a few items, as the first line of the mail: it is what inboxes show beside the subject.
digest-inside = Inside: { $titles }
digest-preferences = Choose what you receive
# The language in which the date stands a second time.
digest-other-language = ja
mail-sender = Sent by:{ " " }
mail-address = Address:{ " " }
mail-contact = Contact:{ " " }

## The confirmation

confirmation-subject = Please confirm your subscription to { $publication }
# Before the titles, where it is about several.
confirmation-subject-several = Please confirm your subscription:{" "}
confirmation-heading = Please confirm your subscription
confirmation-text = Somebody, probably you, asked us to send “{ $publication }” to this address. Please confirm that it was you:
confirmation-text-several = Somebody, probably you, asked us to send the following to this address. Please confirm that it was you:
confirmation-button = Confirm my subscription
confirmation-plain = If the button does not work, open this address in your browser:
confirmation-expires = { $days ->
    [one] The link is good for one day.
   *[other] The link is good for { $days } days.
  }
confirmation-not-me = If it was not you, you need not do anything. Without your confirmation, no letters will be sent.

## Mails to the operator

preview-subject = [preview] { $subject }
preview-label = Preview
preview-heading = { $why ->
    [changed] The draft has changed
    [waits] The issue is due and waits for you
   *[first] The next issue, as it stands
  }
preview-plan = { $approval ->
    [required] It goes out on { $due } if you approve it by then. Without your approval it waits.
   *[veto] It goes out on { $due } unless you hold it.
  }
preview-by-hand = It was made by hand, for no time of the schedule: if you approve it, it goes out at once.
preview-approved = You have approved it. It goes out on { $due }.
preview-held = You hold it. It goes out on { $due } only if you approve it.
preview-waits = It was due on { $due }. Approve it, and it goes out at once. After { $until } it is skipped, and its articles go into the next issue.
preview-held-due = You hold it. It was due on { $due }. Approve it, and it goes out at once. After { $until } it is skipped, and its articles go into the next issue.
preview-unread = { $unread ->
    [nobody] Nobody takes this edition so far.
   *[nothing] Nothing in it is of what its readers take.
  } If that is still so when it is to go out, it is skipped, and its articles wait for the next issue.
preview-changes = What is different from the preview before
preview-change = { $kind ->
    [added] New: { $title }
    [closed] Closed: { $title }
    [taken_back] Taken back by whoever published it: { $title }
    [struck] Struck for good: { $title }
    [put_off] Put off until the next issue: { $title }
    [removed] No longer in it: { $title }
    [reworded] Other words: { $title }
    [other_section] Under another heading: { $title }
    [moved] Moved within its section: { $title }
    [reordered] The order of the items
    [lead] The story it opens with
    [subject] The subject
   *[introduction] The introduction
  }
preview-approve = Approve now
preview-hold = Hold
preview-open = Open the draft
preview-in-it = In it
preview-readers = Readers who get it
preview-not-reached = Who do not
preview-reason = { $reason }
preview-below = The letter itself is below, as readers of this language get it. Its links to leave are dead here.

report-subject = { $edition } No. { $number }: { $accepted } of { $recipients } delivered
report-title = { $edition } No. { $number } is out
report-heading = No. { $number } is out
report-text = { $accepted } of { $recipients } mails were taken over in { $duration }, { $rate } a minute.
report-accepted = Taken over by a relay
report-rejected = Refused for good
report-expired = Given up
report-withdrawn = Withdrawn, because the reader left
report-unknown = Of unknown fate
report-recipients = Addressed to
report-unknown-note = The connection broke before the relay’s answer: “kawaraban deliveries unknown” lists these mails, and you decide.
report-replies = What the relays said

skipped-subject = { $count ->
    [1] { $edition }: the issue of { $date } was skipped
   *[other] { $edition }: { $count } issues were skipped
  }
skipped-heading = { $count ->
    [1] The issue of { $date } was skipped
   *[other] { $count } issues were skipped
  }
skipped-line = { $when }: { $reason }
skipped-reason = { $why ->
    [nothing_yet] There was nothing to publish yet.
    [nothing_new] Nothing new had come since No. { $n }.
    [too_little] There were only { $n } of at least { $least } items.
    [all_closed] Everything in it closed before it could go out.
    [nobody] Nobody takes this edition.
    [nothing_for_anybody] Nothing in it was of what its readers take.
    [later_slot_due] It was missed, and the next one was due by then.
    [too_late_h] It was missed by more than { $n } h.
    [too_late_min] It was missed by more than { $n } min.
    [held] It was held.
    [not_approved] It was not approved.
   *[other] { $words }
  }
skipped-rest = { $count ->
    [1] What was to be in it waits for the next issue, unless it closes before that.
   *[other] What was to be in them waits for the next issue, unless it closes before that.
  }

paused-subject = { $count ->
    [1] { $publication }: a feed is visited no more
   *[other] { $publication }: { $count } feeds are visited no more
  }
paused-heading = { $count ->
    [1] A feed is visited no more
   *[other] { $count } feeds are visited no more
  }
paused-reason = { $why ->
    [gone] Its server says that it is gone for good.
   *[failing] It has given nothing for a week.
  }
paused-detail = Seen last: { $detail }
paused-again = To try it again:

notice-why = You get this because your address stands in the configuration as the operator’s.

## The pages behind the links in a preview

desk-ask-title = { $step ->
    [hold] Hold No. { $number }?
   *[approve] Approve No. { $number }?
  }
desk-ask-text = { $step ->
    [hold] Press the button, and “{ $edition }”, due on { $due }, does not go out before you approve it.
   *[approve] Press the button, and “{ $edition }” goes out on { $due }, or at once if that has passed.
  }
desk-button = { $step ->
    [hold] Hold
   *[approve] Approve
  }
desk-changed = The draft has changed since that mail was sent. Look at it as it is now, and approve it there.
desk-open = Open the draft
desk-done-title = { $step ->
    [hold] No. { $number } is held
   *[approve] No. { $number } is approved
  }
desk-done-text = { $step ->
    [hold] It does not go out before you approve it.
   *[approve] It goes out on { $due }, or within a minute if that has passed.
  }
desk-draft-title = No. { $number } is a draft
desk-draft-text = { $stands ->
    [held] It is held, and goes out on { $due } only if you approve it.
    [approved] It is approved, and goes out on { $due }.
    [not_approved] It goes out on { $due } only if you approve it.
   *[goes] It goes out on { $due } unless you hold it.
  }
desk-draft-past = It was due on { $due }. { $stands ->
    [held] It is held; approve it, and it goes out within a minute.
    [approved] It is approved, and goes out within a minute.
    [not_approved] Approve it, and it goes out within a minute.
   *[goes] It goes out within a minute unless you hold it.
  }
desk-subject = Subject:{ " " }
# A link to a draft that is none any more.
desk-over-title = { $stands ->
    [sealed] No. { $number } is sealed
    [sending] No. { $number } is on its way
    [finished] No. { $number } has gone out
    [skipped] The issue was skipped
    [cancelled] No. { $number } was cancelled
    [broken] This link does not work
   *[gone] There is no such draft any more
  }
desk-over-text = { $stands ->
    [sealed] “{ $edition }” was sealed on { $when }: what is in it and who gets it is fixed, so it can be neither approved nor held.
    [sending] The mails of “{ $edition }” have been leaving since { $when }, so it can be neither approved nor held.
    [finished] The last mail of “{ $edition }” left on { $when }. There is nothing to approve or to hold.
    [skipped] “{ $edition }” of { $when } does not appear: { $reason }.
    [cancelled] “{ $edition }” of { $when } does not appear, because it was cancelled.
    [broken] A part of it was lost or changed on the way, or it was signed with a secret that this site no longer has.
   *[gone] The link is about an issue that is not here, or of an edition that the configuration no longer has.
  }
desk-over-advice = { $stands ->
    [sealed] To stop it before it is sent, run “kawaraban issues cancel { $number }” on the server.
    [sending] To withdraw what has not left yet, run “kawaraban issues cancel { $number }” on the server.
    [finished] What its readers got stands on its page.
    [skipped] Nothing is lost: its articles wait for the next issue, and you will be shown that draft.
    [cancelled] “kawaraban issues show { $number }” says more; you will be shown the next draft.
    [broken] Press the link in the last preview mail, or copy all of it. Or decide on the server: “kawaraban issues list” says the number of the draft, “kawaraban issues approve N” approves it, and “kawaraban issues hold N” holds it.
   *[gone] “kawaraban issues list” says which issues there are.
  }

preview-link-title = This was a preview
preview-link-text = In a reader’s own copy, this link is theirs alone. In a copy for looking at, it does nothing.

## Typefaces of the mails: names without quotes, the first one present is taken

font-serif = Georgia, Times New Roman, Hiragino Mincho ProN, Yu Mincho, Noto Serif CJK JP, serif
font-sans = -apple-system, Segoe UI, Roboto, Helvetica, Arial, Hiragino Sans, Yu Gothic, Noto Sans CJK JP, sans-serif
