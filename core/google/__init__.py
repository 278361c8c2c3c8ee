"""The way to Google Sheets and Drive: requests that are bounded, counted and worded."""
