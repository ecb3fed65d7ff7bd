# 読者の目に触れる言葉のすべて（日本語）。キーは en.ftl と同じです。
#
# 文言を変えるには、テンプレートのフォルダーの locales/ に同じ名前のファイルを置き、変えたいメッセージだけを書きます。
# 波かっこの中は値に置き換わります。不要なら書かなくてもかまいません。

## 登録ページ

# 頻度は daily、weekly、monthly、other のいずれか。other は、ひとことで言えない日程か、配信物が複数あるとき
sign-up-heading = { $often ->
    [daily] 日本の最新ニュースと募集情報を、毎日
    [weekly] 日本の最新ニュースと募集情報を、週に一度
    [monthly] 日本の最新ニュースと募集情報を、月に一度
   *[other] 日本の最新ニュースと募集情報を、メールで
  }
sign-up-promise = { $often ->
    [daily] 日本のいまを伝えるニュースと、ただいま受付中の求人・公募・プログラムを、毎日一通のメールにまとめてお届けします。ご登録いただければ、新しい情報を欠かさずお知らせします。
    [weekly] 日本のいまを伝えるニュースと、ただいま受付中の求人・公募・プログラムを、毎週一通のメールにまとめてお届けします。ご登録いただければ、新しい情報を欠かさずお知らせします。
    [monthly] 日本のいまを伝えるニュースと、ただいま受付中の求人・公募・プログラムを、毎月一通のメールにまとめてお届けします。ご登録いただければ、新しい情報を欠かさずお知らせします。
   *[other] 日本のいまを伝えるニュースと、ただいま受付中の求人・公募・プログラムを、メールにまとめてお届けします。ご登録いただければ、新しい情報を欠かさずお知らせします。
  }
sign-up-email = メールアドレス
sign-up-button = 登録する
sign-up-editions = お受け取りになるメール
sign-up-consent = ご登録いただくと、{ $sender }がこのアドレス宛に「{ $site }」を{ $often ->
    [daily] 一日に一度程度
    [weekly] 週に一度程度
    [monthly] 月に一度程度
   *[other] 発行のつど
  }お送りすることに同意したものとします。内容はニュースと募集情報で、お知らせや広告・宣伝を含むことがあります。配信はいつでもワンクリックで停止できます。
# 配信物が複数あるとき
sign-up-consent-several = ご登録いただくと、{ $sender }がこのアドレス宛に、お選びになったメールを発行のつどお送りすることに同意したものとします。内容はニュースと募集情報で、お知らせや広告・宣伝を含むことがあります。配信はいつでもワンクリックで停止できます。
sign-up-next = はじめに確認のメールを一通お送りします。メール内のリンクを開き、ボタンを押すと登録が完了します。
sign-up-suggestion = もしかして：{ $address }
sign-up-carriers = ドコモ・au・ソフトバンクのアドレスをお使いの方は、ドメイン指定受信で「{ $domain }」からのメールを受け取れるように設定してからご登録ください。設定によってはメールが届かないことがあります。
sign-up-past = これまでの号を読む
sign-up-error = { $problem ->
    [empty] メールアドレスを入力してください。
    [no_at] メールアドレスには「@」が必要です。もう一度ご確認ください。
    [domain] 「@」より後の部分に誤りがあるようです。もう一度ご確認ください。
    [too_long] メールアドレスとしては長すぎます。もう一度ご確認ください。
    [invisible] アドレスに目に見えない文字が含まれています。お手数ですが、直接ご入力ください。
    [not_allowed] このアドレスはメールサーバーの管理用です。ご自身のアドレスをご利用ください。
    [too_many] 短い時間に何度も送信されました。数分おいてから、もう一度お試しください。
   *[malformed] メールアドレスの形式が正しくないようです。もう一度ご確認ください。
  }
sign-up-unknown-edition = 「{ $value }」というメールはありません。このフォームでお申し込みいただけるのは「{ $site }」です。よろしければ、もう一度ボタンを押してください。
sign-up-unknown-edition-several = 「{ $value }」というメールはありません。お受け取りになるメールを選び、もう一度ボタンを押してください。
sign-up-no-edition = メールが選ばれていません。このフォームでお申し込みいただけるのは「{ $site }」です。よろしければ、もう一度ボタンを押してください。
sign-up-no-edition-several = お受け取りになるメールを一つ以上お選びください。
sign-up-unknown-language = 言語「{ $value }」には対応していません。もう一度ボタンを押すと、日本語のメールをお送りします。
sign-up-part = 「{ $value }」はここでは選べません。このフォームではメール全体をお申し込みいただきます。分野や記事の言語は、お届けするメールのリンクからお選びください。全体をお申し込みになる場合は、もう一度ボタンを押してください。
honeypot = この欄は空のままにしてください

## 登録フォームのあと

check-inbox-title = メールをご確認ください
check-inbox-text = はじめてのアドレスであれば、確認のメールをお送りしました。メール内のリンクを開き、ボタンを押すと登録が完了します。
check-inbox-already = すでにご登録の方の設定は変わらず、メールも届きません。ほかのメールを追加するには、お届けするメールの末尾にある「受け取る内容を選ぶ」をお使いください。
check-inbox-missing = 数分たってもメールが届かないときは、迷惑メールフォルダーをご覧になり、アドレスに誤りがないかお確かめください。
check-inbox-again = フォームに戻る

confirm-title = 登録の確認
confirm-text = { $often ->
    [daily] 下のボタンを押すと、「{ $site }」を一日に一度程度お届けします。
    [weekly] 下のボタンを押すと、「{ $site }」を週に一度程度お届けします。
    [monthly] 下のボタンを押すと、「{ $site }」を月に一度程度お届けします。
   *[other] 下のボタンを押すと、「{ $site }」をお届けします。
  }
confirm-text-several = 下のボタンを押すと、次のメールをお届けします。
confirm-button = 登録を確定する
confirm-not-me = お心当たりのない方は、このままページを閉じてください。メールが届くことはありません。

confirmed-title = ご登録ありがとうございます
confirmed-text = 「{ $site }」の登録が完了しました。次の号からお届けします。
confirmed-text-several = 登録が完了しました。次の号から、こちらをお届けします。
# 号と号のあいだに登録した方にすぐ送る号
confirmed-welcome = 次の号を待たずにお読みいただけるよう、「{ $edition }」の最新号（第{ $number }号）をただいまお送りしています。
confirmed-leave = 配信の停止は、お届けするメールのリンクからいつでもできます。

## 配信の停止と再開

unsubscribe-title = { $several ->
    [true] すべてのメールの配信を停止しますか
   *[false] 「{ $site }」の配信を停止しますか
  }
unsubscribe-text = 下のボタンを押すと、すぐに配信を停止します。
unsubscribe-button = 配信を停止する

unsubscribed-title = 配信を停止しました
unsubscribed-text = { $several ->
    [true] 今後、メールをお送りすることはありません。これまでお読みいただき、ありがとうございました。
   *[false] 今後「{ $site }」をお送りすることはありません。これまでお読みいただき、ありがとうございました。
  }
unsubscribed-mistake = 誤って停止されましたか？
unsubscribed-button = もう一度登録する

resubscribed-title = おかえりなさい
resubscribed-text = 「{ $site }」の配信を再開しました。次の号からお届けします。
resubscribed-text-several = 配信を再開しました。次の号から、こちらをお届けします。

## 配信内容の選択

preferences-title = お届けする内容の設定
preferences-text = { $address } の設定です。不要なものはチェックを外してください。
preferences-take = このメールを受け取る
preferences-sections = 分野
preferences-languages = 記事の言語
preferences-mail-language = メールの言語
preferences-button = 保存する
preferences-note = ただいま配信中の号には、変更前の設定が使われることがあります。
preferences-saved = 保存しました。次の号から新しい設定でお届けします。
preferences-nothing = 保存されていません。「{ $edition }」の分野と言語を、それぞれ一つ以上お選びください。
# 値はフォームから送られたもの
preferences-unknown = { $field ->
    [edition] 「{ $value }」というメールはありません。
    [section] 「{ $value }」という分野はありません。
    [language] 記事の言語に「{ $value }」という選択肢はありません。
   *[mail_language] 言語「{ $value }」のメールはありません。
  }保存はされていません。チェックの内容をご確認のうえ、もう一度ボタンを押してください。
preferences-leave = すべての配信を停止する
# 受け取る部分（全体でないとき）
takes-sections = 分野：{ $names }
takes-languages = 記事の言語：{ $names }
list-comma = 、

bad-link-title = このリンクは使えません
bad-link-text = リンクの一部が欠けているか、期限が切れている可能性があります。登録確認のリンクは、数日間だけ有効です。
bad-link-copy = メールからリンクを直接開いてください。リンクが二行に分かれている場合は、全体をコピーしてブラウザーのアドレス欄に貼り付けてください。
bad-link-again = 登録の途中だった方は、もう一度アドレスを入力してください。新しいリンクをお送りします。
bad-link-leave = 配信を停止したいのにリンクが使えないときは、こちらまでご連絡ください：{ $contact }
# リンクは正しいが、読者ではない（なくなった）とき
link-over-title = { $reader ->
    [unsubscribed] 配信は停止されています
    [pending] 登録がまだ確定していません
    [suppressed] このアドレスには配信していません
   *[gone] このリンクに当たる登録はありません
  }
link-over-text = { $reader ->
    [unsubscribed] すでに配信を停止しているため、このリンクで選択や確認をしていただくことはありません。
    [pending] まだ配信が始まっていないため、選択していただく内容がありません。
    [suppressed] 以前の設定にかかわらず、メールをお送りしないアドレスの一覧に載っています。
   *[gone] このリンクのアドレスは、消去されたか、登録の確認がないまま期限を過ぎました。情報は残っておらず、メールをお送りすることもありません。
  }
link-over-advice = { $reader ->
    [unsubscribed] ふたたびお読みになる場合は、トップページでアドレスを入力し、お送りするメールでご確認ください。
    [pending] 確認のメールをお探しのうえ、リンク先のボタンを押してください。迷惑メールフォルダーに入っていることもあります。一日たっても見つからないときは、トップページでもう一度アドレスを入力してください。
    [suppressed] お心当たりがない場合は、こちらまでご連絡ください：{ $contact }
   *[gone] お読みになる場合は、トップページでアドレスを入力してください。
  }

## そのほかのページ

problem-title = { $problem ->
    [not_found] ページが見つかりません
    [sign_up_form] 登録はトップページからどうぞ
    [come_back] もう一度登録するには
    [too_many] しばらくお待ちください
    [too_large] データが大きすぎます
    [bad_request] 内容を読み取れませんでした
    [unavailable] ただいま準備中です
   *[internal] エラーが発生しました
  }
problem-text = { $problem ->
    [not_found] アドレスに誤りがあるか、ページが移動した可能性があります。
    [sign_up_form] ここは登録フォームの送信先で、ご覧いただく内容はありません。トップページでメールアドレスを入力してください。
    [come_back] もう一度登録するボタンを押したばかりでしたら、手続きは済んでおり、次の号からお届けします。そうでなければ、トップページでアドレスを入力し、お送りするメールでご確認ください。
    [too_many] お使いのネットワークから短い時間に多くのアクセスがありました。数分おいてから、もう一度お試しください。
    [too_large] 送信された内容が受付の上限を超えています。前のページに戻り、内容を減らしてお試しください。
    [bad_request] フォームの内容が正しく届きませんでした。前のページに戻り、もう一度お試しください。
    [unavailable] ただいまメンテナンス中です。数分おいてから、もう一度お試しください。
   *[internal] こちら側の不具合です。内容は記録いたしました。数分おいてから、もう一度お試しください。
  }
problem-home = トップページへ

issues-title = これまでの号
issues-none = まだ発行された号はありません。ご登録いただければ、創刊号からお届けします。
issues-number = 第{ $number }号

# What an issue is called: the subject of its mail.
issue-called = { $title }
issue-title = { $edition } 第{ $number }号
issue-subscribe-heading = 次の号からメールでお届けします
issue-subscribe-text = { $often ->
    [daily] 一日に一度程度の配信で、いつでも停止できます。
    [weekly] 週に一度程度の配信で、いつでも停止できます。
    [monthly] 月に一度程度の配信で、いつでも停止できます。
   *[other] 配信はいつでも停止できます。
  }
issue-subscribe-button = 登録する
issue-older = 前の号
issue-newer = 次の号

embed-title = 登録フォームをあなたのサイトに
embed-text = 次のコードをページに貼り付けてください。JavaScriptは不要で、見た目は置いた場所になじみます。
embed-preview = 表示例

nav-issues = これまでの号
nav-languages = 言語
footer-contact = お問い合わせ：
footer-address = 所在地：

## バックナンバー

issues-description = 日本の最新ニュースと募集情報をお届けする「{ $site }」のバックナンバーです。
issues-edition-all = すべて
issues-older = さらに前の号
issues-newest = 最新号へ戻る
issues-feeds = フィードリーダーでも読めます：
archive-closed = { $date }受付終了
archive-company = 募集元
archive-place = 場所
archive-pay = 待遇

## 号の中身（メールとウェブ）

section-news = ニュース
section-openings = 募集情報
item-closes = { $date }締切
item-also-at = ほかの掲載元：
item-photo = 写真：{ $credit }

## 定期便

digest-subject = { $edition } 第{ $number }号｜{ $headline }
digest-number = 第{ $number }号
digest-view = ウェブで読む
digest-why = このメールは、「{ $edition }」にご登録いただいた方にお送りしています。
digest-unsubscribe-note = メールの受信はいつでもお断りいただけます：
digest-unsubscribe = ワンクリックで配信を停止する
digest-inside = 今号の内容：{ $titles }
digest-preferences = 受け取る内容を選ぶ
digest-other-language = en
mail-sender = 送信者：
mail-address = 所在地：
mail-contact = お問い合わせ：

## 登録の確認メール

confirmation-subject = 【{ $publication }】登録のご確認
confirmation-subject-several = 登録のご確認：
confirmation-heading = 登録のご確認をお願いします
confirmation-text = このアドレス宛に「{ $publication }」をお送りするお申し込みをいただきました。ご本人のお申し込みであることをご確認ください。
confirmation-text-several = このアドレス宛に次のメールをお送りするお申し込みをいただきました。ご本人のお申し込みであることをご確認ください。
confirmation-button = 登録を確定する
confirmation-plain = ボタンが使えない場合は、次のアドレスをブラウザーで開いてください：
confirmation-expires = このリンクは{ $days }日間有効です。
confirmation-not-me = お心当たりのない方は、何もしていただく必要はありません。ご確認がないかぎり、配信は始まりません。

## 運営者へのメール

preview-subject = [preview] { $subject }
preview-label = 配信前の確認
preview-heading = { $why ->
    [changed] 原稿に変更がありました
    [waits] 配信時刻を過ぎ、承認をお待ちしています
   *[first] 次号の原稿ができました
  }
preview-plan = { $approval ->
    [required] { $due }までに承認されれば、その時刻に配信します。承認がなければ、そのまま待ちます。
   *[veto] 保留しないかぎり、{ $due }に配信します。
  }
preview-by-hand = 配信予定とは別に手動で作成された号です。承認すると、すぐに配信します。
preview-approved = 承認済みです。{ $due }に配信します。
preview-held = 保留中です。承認されれば、{ $due }に配信します。
preview-waits = 配信予定は{ $due }でした。承認すると、すぐに配信します。{ $until }を過ぎるとこの号は見送りとなり、記事は次号に回ります。
preview-held-due = 保留中です。配信予定は{ $due }でした。承認すると、すぐに配信します。{ $until }を過ぎるとこの号は見送りとなり、記事は次号に回ります。
preview-unread = { $unread ->
    [nobody] この版を受け取る読者がまだいません。
   *[nothing] どの読者の選んだ内容にも当てはまる記事がありません。
  }配信の時点でも変わらなければ、この号は見送りとなり、記事は次号に回ります。
preview-changes = 前回の確認メールからの変更点
preview-change = { $kind ->
    [added] 追加：{ $title }
    [closed] 締め切り：{ $title }
    [taken_back] 配信元による取り下げ：{ $title }
    [struck] 不採用：{ $title }
    [put_off] 次号へ繰り延べ：{ $title }
    [removed] 削除：{ $title }
    [reworded] 文言の変更：{ $title }
    [other_section] 欄の変更：{ $title }
    [moved] 欄の中での移動：{ $title }
    [reordered] 記事の並び順
    [lead] 巻頭の記事
    [subject] 件名
   *[introduction] 前書き
  }
preview-approve = 承認する
preview-hold = 保留する
preview-open = 原稿を開く
preview-in-it = 掲載数
preview-readers = 届く読者
preview-not-reached = 届かない方
preview-reason = { $reason ->
    [pending] 登録の確認待ち
    [unsubscribed] 配信停止済み
   *[other] { $reason }
  }
preview-below = この下が、この言語の読者に届くメールそのものです。配信停止のリンクは、ここでは働きません。

report-subject = { $edition } 第{ $number }号：{ $recipients }通中{ $accepted }通を配信しました
report-title = { $edition } 第{ $number }号を配信しました
report-heading = 第{ $number }号を配信しました
report-text = { $recipients }通のうち{ $accepted }通を{ $duration }で引き渡しました（毎分{ $rate }通）。
report-accepted = サーバーが受け付けたもの
report-rejected = 拒否されたもの
report-expired = 期限内に送れなかったもの
report-withdrawn = 読者の停止により取りやめたもの
report-unknown = 結果のわからないもの
report-recipients = 宛先の総数
report-unknown-note = 応答の前に接続が切れました。「kawaraban deliveries unknown」で一覧を確かめ、扱いをお決めください。
report-replies = サーバーからの応答

skipped-subject = { $count ->
    [1] { $edition }：{ $date }の号を見送りました
   *[other] { $edition }：見送りとなった号が{ $count }件あります
  }
skipped-heading = { $count ->
    [1] { $date }の号を見送りました
   *[other] 見送りとなった号が{ $count }件あります
  }
skipped-line = { $when }：{ $reason }
skipped-reason = { $why ->
    [nothing_yet] 載せる記事がまだありませんでした。
    [nothing_new] 第{ $n }号のあと、新しい記事がありませんでした。
    [too_little] 記事が{ $n }件しかありませんでした（最低{ $least }件）。
    [all_closed] 配信までに、載せる予定のものがすべて締め切られました。
    [nobody] この版を受け取る読者がいません。
    [nothing_for_anybody] どの読者の選んだ内容にも当てはまる記事がありませんでした。
    [later_slot_due] 配信時刻に動いておらず、そのまま次の号の時刻になりました。
    [too_late_h] 配信時刻に動いておらず、{ $n }時間以上過ぎていました。
    [too_late_min] 配信時刻に動いておらず、{ $n }分以上過ぎていました。
    [held] 保留されたままでした。
    [not_approved] 承認されませんでした。
   *[other] { $words }
  }
skipped-rest = 載せる予定だった記事は、それまでに締め切られないかぎり、次号に回ります。

paused-subject = { $count ->
    [1] { $publication }：取得をやめたフィードがあります
   *[other] { $publication }：取得をやめたフィードが{ $count }件あります
  }
paused-heading = { $count ->
    [1] 取得をやめたフィードがあります
   *[other] 取得をやめたフィードが{ $count }件あります
  }
paused-reason = { $why ->
    [gone] なくなったと、配信元のサーバーが答えています。
   *[failing] 一週間、何も取得できていません。
  }
paused-detail = 最後の結果：{ $detail }
paused-again = 取得を再開するには：

notice-why = このメールは、設定ファイルに運営者として記されたアドレスにお送りしています。

## 確認メールのリンク先

desk-ask-title = { $step ->
    [hold] 第{ $number }号を保留しますか
   *[approve] 第{ $number }号を承認しますか
  }
desk-ask-text = { $step ->
    [hold] 下のボタンを押すと、「{ $edition }」（配信予定：{ $due }）は承認されるまで配信されません。
   *[approve] 下のボタンを押すと、「{ $edition }」を{ $due }に、過ぎていればすぐに配信します。
  }
desk-button = { $step ->
    [hold] 保留する
   *[approve] 承認する
  }
desk-changed = 確認メールのあとに原稿が変わりました。いまの原稿をご覧のうえ、そちらで承認してください。
desk-open = 原稿を開く
desk-done-title = { $step ->
    [hold] 第{ $number }号を保留しました
   *[approve] 第{ $number }号を承認しました
  }
desk-done-text = { $step ->
    [hold] 承認されるまで配信しません。
   *[approve] { $due }に、過ぎていれば一分以内に配信します。
  }
desk-draft-title = 第{ $number }号の原稿
desk-draft-text = { $stands ->
    [held] 保留中です。承認されれば、{ $due }に配信します。
    [approved] 承認済みです。{ $due }に配信します。
    [not_approved] 承認されれば、{ $due }に配信します。
   *[goes] 保留しないかぎり、{ $due }に配信します。
  }
desk-draft-past = 配信予定は{ $due }でした。{ $stands ->
    [held] 保留中です。承認すると、一分以内に配信します。
    [approved] 承認済みで、一分以内に配信します。
    [not_approved] 承認すると、一分以内に配信します。
   *[goes] 保留しないかぎり、一分以内に配信します。
  }
desk-subject = 件名：
# すでに原稿ではない号へのリンク
desk-over-title = { $stands ->
    [sealed] 第{ $number }号は校了しました
    [sending] 第{ $number }号は配信中です
    [finished] 第{ $number }号は配信済みです
    [skipped] この号は見送りとなりました
    [cancelled] 第{ $number }号は取りやめになりました
    [broken] このリンクは使えません
   *[gone] この原稿はもうありません
  }
desk-over-text = { $stands ->
    [sealed] 「{ $edition }」は{ $when }に校了し、内容も宛先も確定しました。承認も保留もできません。
    [sending] 「{ $edition }」は{ $when }に配信が始まりました。承認も保留もできません。
    [finished] 「{ $edition }」の配信は{ $when }に終わりました。承認や保留の必要はありません。
    [skipped] { $when }の「{ $edition }」は配信されません（理由：{ $reason }）。
    [cancelled] { $when }の「{ $edition }」は取りやめられ、配信されません。
    [broken] リンクの一部が欠けているか変わっています。または、このサイトがもう持っていない秘密の鍵で署名されています。
   *[gone] リンクの号がないか、その号の配信物が設定から外されています。
  }
desk-over-advice = { $stands ->
    [sealed] 配信前に止めるには、サーバーで「kawaraban issues cancel { $number }」を実行してください。
    [sending] まだ送っていない分を取りやめるには、サーバーで「kawaraban issues cancel { $number }」を実行してください。
    [finished] 読者に届いた内容は、その号のページでご覧いただけます。
    [skipped] 記事は失われず、次の号に回ります。次の原稿ができましたら、またお知らせします。
    [cancelled] 詳しくは「kawaraban issues show { $number }」をご覧ください。次の原稿ができましたら、またお知らせします。
    [broken] 最新の確認メールのリンクを直接押すか、全体をコピーしてください。サーバーで決めることもできます。「kawaraban issues list」で原稿の番号がわかり、「kawaraban issues approve 番号」で承認、「kawaraban issues hold 番号」で保留できます。
   *[gone] どの号があるかは「kawaraban issues list」でわかります。
  }

preview-link-title = これは確認用のメールです
preview-link-text = 読者に届くメールでは、このリンクはその方だけのものです。確認用のメールでは何も起こりません。

## メールの書体（引用符なしで名前を並べ、はじめに見つかったものを使います）

font-serif = Hiragino Mincho ProN, Yu Mincho, Noto Serif CJK JP, Noto Serif JP, Georgia, serif
font-sans = -apple-system, Hiragino Sans, Hiragino Kaku Gothic ProN, Yu Gothic, Meiryo, Noto Sans CJK JP, sans-serif
