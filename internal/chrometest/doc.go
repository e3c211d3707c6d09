// Package chrometest gives a test a real browser: a headless Chromium with a
// fresh profile that talks to nobody but the pages of the test.
//
//	ctx := chrometest.New(t)
//	err := chromedp.Do(ctx, chromedp.Navigate(shop.URL), chromedp.WaitVisible("main"))
//
// A test that finds no Chromium is skipped visibly, or fails where
// SOUK_REQUIRE lists chromium; see package skiptest.
package chrometest
