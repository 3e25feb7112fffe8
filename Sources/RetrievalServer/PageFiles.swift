/// The files of the page, which are compiled in.
enum PageFiles {
    static let contents: [(name: String, bytes: [UInt8])] = [
        ("api.js", PackageResources.api_js),
        ("app.js", PackageResources.app_js),
        ("chart.js", PackageResources.chart_js),
        ("dom.js", PackageResources.dom_js),
        ("index.html", PackageResources.index_html),
        ("map.js", PackageResources.map_js),
        ("openapi.json", PackageResources.openapi_json),
        ("pictures.js", PackageResources.pictures_js),
        ("places.js", PackageResources.places_js),
        ("pointmap.js", PackageResources.pointmap_js),
        ("runs.js", PackageResources.runs_js),
        ("search.js", PackageResources.search_js),
        ("squares.js", PackageResources.squares_js),
        ("store.js", PackageResources.store_js),
        ("style.css", PackageResources.style_css),
    ]
}
