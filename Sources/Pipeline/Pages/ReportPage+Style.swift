import Foundation

extension ReportPage {
    /// Names and what they are.
    static func list(_ facts: [(String, String)]) -> HTML {
        "<dl>\(HTML(facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }))</dl>"
    }

    /// Rows of cells, the first of which is text and the others numbers.
    static func table(_ heads: [String], _ rows: some Sequence<[String]>) -> HTML {
        let head = HTML(heads.map { "<th scope=\"col\">\($0)</th>" })
        return
            "<table><thead><tr>\(head)</tr></thead><tbody>\(HTML(rows.map { row in "<tr>\(HTML(row.map { "<td>\($0)</td>" }))</tr>" }))</tbody></table>"
    }

    /// What may be long, in a box of its own.
    static func scrolled(_ html: HTML) -> HTML {
        "<div class=\"long\" tabindex=\"0\" role=\"region\" aria-label=\"Classes\">\(html)</div>"
    }

    static func number(_ value: Double) -> String { String(format: "%.4f", value) }
    static func change(_ value: Double) -> String { String(format: "%+.4f", value) }

    static let style: HTML = """
        :root{--ink:#1b1b1f;--dim:#5a5a64;--paper:#fafafa;--card:#fff;--line:#d8d8de;--good:#177a3e;--bad:#b3261e;--accent:#1f5fbf}
        @media (prefers-color-scheme:dark){:root{--ink:#ececf1;--dim:#a6a6b2;--paper:#141417;--card:#1f1f24;--line:#3a3a42;--good:#58c98a;--bad:#f2867e;--accent:#8ab4f8}}
        *{box-sizing:border-box}body{margin:0 auto;max-width:76rem;padding:1rem clamp(.75rem,3vw,2.5rem);background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
        h1{font-size:1.4rem}h2{font-size:1.15rem;margin:2rem 0 .6rem;border-top:1px solid var(--line);padding-top:1rem}h3{font-size:.95rem;margin:.8rem 0 .3rem}
        p{margin:.3rem 0;color:var(--dim)}dl{display:grid;grid-template-columns:auto 1fr;gap:.15rem 1.2rem;margin:0}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
        table{border-collapse:collapse}th,td{text-align:right;padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}th:first-child,td:first-child{text-align:left}
        .long{max-height:26rem;overflow:auto}.charts{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))}figure{margin:0}figcaption{color:var(--dim)}
        svg{width:100%;background:var(--card);border:1px solid var(--line);border-radius:8px}svg text{fill:var(--dim);font:12px system-ui,sans-serif}svg line{stroke:var(--line)}svg path{fill:none;stroke:var(--accent);stroke-width:2}svg circle{fill:var(--accent)}
        section{display:grid;grid-template-columns:9rem 1fr;gap:1rem;padding:.8rem 0;border-top:1px solid var(--line)}section>div{min-width:0}ol{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(6.5rem,1fr));gap:.5rem}
        li{background:var(--card);border:2px solid var(--line);border-radius:8px;padding:.3rem;overflow-wrap:anywhere;font-size:.85rem}.right{border-color:var(--good)}.wrong{border-color:var(--bad)}small{display:block}
        img,.gone{display:block;width:100%;aspect-ratio:1;object-fit:contain;border-radius:4px}.gone{display:grid;place-items:center;color:var(--dim);border:1px dashed var(--line)}
        pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.8rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}
        @media (max-width:640px){section{grid-template-columns:1fr}.query img{max-width:9rem}table{display:block;overflow-x:auto}}
        """
}

extension HTML {
    /// One after the other.
    static func + (left: HTML, right: HTML) -> HTML { "\(left)\(right)" }
}
