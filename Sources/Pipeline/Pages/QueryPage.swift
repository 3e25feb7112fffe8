import Foundation
import Tensors

/// What queries found, as a page in one file: no script, nothing fetched.
public struct QueryPage: Sendable {
    /// A query and what it found under each head.
    public struct Section: Sendable {
        let name: String
        let path: String?
        let label: String?
        let results: [(head: String, found: [FoundPicture])]

        /// A query called `name`; `path` is where its picture is, `label` its own where it is known.
        public init(name: String, path: String?, label: String?, results: [(head: String, found: [FoundPicture])]) {
            (self.name, self.path, self.label, self.results) = (name, path, label, results)
        }
    }

    private let sections: [Section]
    private let facts: [(name: String, value: String)]
    private let thumbnails: Thumbnails

    /// The pixels of a picture's longer side.
    public static let side = 192

    /// A page of `sections` with `facts` above them.
    public init(_ sections: [Section], facts: [(name: String, value: String)], thumbnails: Thumbnails) {
        (self.sections, self.facts, self.thumbnails) = (sections, facts, thumbnails)
    }

    /// The file's text.
    public var text: String {
        HTML.page(
            title, style: Self.style,
            """
            <header><h1>\(title)</h1><dl>\(HTML(facts.map { "<div><dt>\($0.name)</dt><dd>\($0.value)</dd></div>" }))</dl></header>
            <main>\(HTML(sections.enumerated().map { section($1, number: $0 + 1) }))</main>
            """)
    }

    private var title: String {
        sections.count == 1
            ? "Nearest to \(sections[0].name.fileName)" : "Nearest to \(sections.count) pictures"
    }

    private func section(_ section: Section, number: Int) -> HTML {
        let label: HTML = section.label.map { "<p>label <b>\($0)</b></p>" } ?? ""
        let columns = section.results.enumerated().map { position, result in
            column(result, section, before: position == 0 ? nil : section.results[0])
        }
        return """
            <section aria-labelledby="q\(number)"><div class="query"><h2 id="q\(number)">\(section.name)</h2>\
            \(image(section.path ?? section.name, "query"))\(label)</div>
            <div class="heads">\(HTML(columns))</div></section>

            """
    }

    /// What one head found; beside another's, how far each picture came from there.
    private func column(
        _ result: (head: String, found: [FoundPicture]), _ section: Section,
        before: (head: String, found: [FoundPicture])?
    ) -> HTML {
        let ranks = before.map { Dictionary($0.found.map { ($0.path, $0.rank) }) { first, _ in first } }
        let title: HTML =
            section.results.count > 1
            ? "<h3>\(result.head == "none" ? "raw features" : "head \(result.head)")</h3>" : ""
        let right = section.label.map { label in result.found.filter { $0.label == label }.count }
        let sum: HTML = right.map { "<p>\($0) of \(result.found.count) have the query's label</p>" } ?? ""
        let empty: HTML = result.found.isEmpty ? "<p>Nothing was found.</p>" : ""
        return """
            <div class="head">\(title)\(sum)\(empty)<ol>\
            \(HTML(result.found.map { card($0, section.label, ranks) }))</ol></div>
            """
    }

    private func card(_ picture: FoundPicture, _ label: String?, _ ranks: [String: Int]?) -> HTML {
        let agreement: HTML = label.map { $0 == picture.label ? " class=\"right\"" : " class=\"wrong\"" } ?? ""
        let mark: HTML = label.map { $0 == picture.label ? "✓ " : "✗ " } ?? ""
        let change: HTML =
            ranks.map { ranks in
                guard let old = ranks[picture.path] else { return " <i title=\"not found before\">new</i>" }
                guard old != picture.rank else { return "" }
                return old > picture.rank ? " <i>▲\(old - picture.rank)</i>" : " <i>▼\(picture.rank - old)</i>"
            } ?? ""
        let score = String(format: "%.4f", picture.score)
        return """
            <li\(agreement)><figure>\(image(picture.path, picture.label ?? "no label"))<figcaption>\
            <span>\(picture.rank)</span> <b>\(score)</b>\(change)<br>\(mark)\(picture.label ?? "no label")\
            <small title="\(picture.path)">\(picture.path.fileName)</small>\
            </figcaption></figure></li>

            """
    }

    private func image(_ path: String, _ text: String) -> HTML {
        guard let address = thumbnails.address(path) else { return "<div class=\"gone\">no picture</div>" }
        return "<img src=\"\(address)\" alt=\"\(text)\" loading=\"lazy\">"
    }

    private static let style: HTML = """
        :root{--ink:#1b1b1f;--dim:#5a5a64;--paper:#fafafa;--card:#fff;--line:#d8d8de;--good:#177a3e;--bad:#b3261e}
        @media (prefers-color-scheme:dark){:root{--ink:#ececf1;--dim:#a6a6b2;--paper:#141417;--card:#1f1f24;--line:#3a3a42;--good:#58c98a;--bad:#f2867e}}
        *{box-sizing:border-box}body{margin:0;padding:1rem clamp(.75rem,3vw,2.5rem);background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
        h1{font-size:1.35rem;margin:.2rem 0 .6rem;overflow-wrap:anywhere}h2{font-size:1rem;margin:0 0 .5rem;overflow-wrap:anywhere}h3{font-size:.95rem;margin:0 0 .2rem}
        p{margin:.2rem 0 .5rem;color:var(--dim)}dl{display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;margin:0 0 1rem}dl div{display:flex;gap:.4rem}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
        section{display:grid;grid-template-columns:13rem 1fr;gap:1.2rem;padding:1.1rem 0;border-top:1px solid var(--line)}
        .heads{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1.4rem;min-width:0}
        ol{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(8.6rem,1fr));gap:.7rem}
        figure{margin:0}li{background:var(--card);border:2px solid var(--line);border-radius:8px;padding:.4rem}.right{border-color:var(--good)}.wrong{border-color:var(--bad)}
        img,.gone{display:block;width:100%;aspect-ratio:1;object-fit:contain;border-radius:4px}.gone{display:grid;place-items:center;color:var(--dim);border:1px dashed var(--line)}
        figcaption{margin-top:.35rem;overflow-wrap:anywhere}figcaption span{color:var(--dim)}figcaption i{font-style:normal;color:var(--dim);font-size:.85em}small{display:block;color:var(--dim)}
        @media (max-width:640px){section{grid-template-columns:1fr}.query img,.query .gone{max-width:12rem}ol{grid-template-columns:repeat(2,1fr)}}
        """
}
