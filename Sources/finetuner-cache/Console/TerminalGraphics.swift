import Foundation
import ImageInput

/// The ways in which terminals show pictures.
enum TerminalGraphics: String, CaseIterable {
    /// kitty's graphics protocol; also of Ghostty and WezTerm.
    case kitty
    /// iTerm2's inline images; also of WezTerm, mintty and the terminals of VS Code and JetBrains.
    case iterm
    /// DEC's sixels, of xterm -ti vt340, foot, mlterm, Windows Terminal and others.
    case sixel

    /// What the terminal of an environment is known to understand; nil where it is not known to understand any.
    static func detected(in environment: [String: String]) -> TerminalGraphics? {
        let (program, name) = (environment["TERM_PROGRAM"] ?? "", environment["TERM"] ?? "")
        if environment["KITTY_WINDOW_ID"] != nil || name.contains("kitty") || program == "ghostty" { return .kitty }
        if ["iTerm.app", "WezTerm", "mintty", "vscode"].contains(program) || environment["LC_TERMINAL"] == "iTerm2" {
            return .iterm
        }
        if environment["WT_SESSION"] != nil || ["foot", "mlterm", "sixel"].contains(where: name.contains) {
            return .sixel
        }
        return nil
    }

    /// The characters that show `picture` at the cursor, without a line's end.
    func text(_ picture: Picture) -> String {
        switch self {
        case .kitty: Self.kitty(picture)
        case .iterm: Self.inlineFile(picture.jpegFile(quality: 90))
        case .sixel: SixelImage(picture).text
        }
    }

    /// RGB values in pieces of 4,096 characters of base64 (sw.kovidgoyal.net/kitty/graphics-protocol).
    private static func kitty(_ picture: Picture) -> String {
        let data = Array(Data(picture.pixels).base64EncodedString().utf8)
        return stride(from: 0, to: data.count, by: 4096).map { start in
            let end = min(start + 4096, data.count)
            let first = start == 0 ? "a=T,q=2,f=24,s=\(picture.width),v=\(picture.height)," : ""
            let piece = String(decoding: data[start..<end], as: UTF8.self)
            return "\u{1B}_G\(first)m=\(end < data.count ? 1 : 0);\(piece)\u{1B}\\"
        }.joined()
    }

    /// A whole file (iterm2.com/documentation-images.html).
    private static func inlineFile(_ file: Data) -> String {
        "\u{1B}]1337;File=inline=1;size=\(file.count);preserveAspectRatio=1:\(file.base64EncodedString())\u{07}"
    }
}
