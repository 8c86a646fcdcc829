"""What every page stands on: policies, forms, error pages, headers, assets, language."""
