import Foundation
import ImageInput
import Testing

/// A small picture file and the pixels that Pillow reads from it, with EXIF applied and alpha over white.
struct SampleFile: CustomTestStringConvertible {
    let name: String
    let format: ImageFormat
    private let file: String
    private let rgb: String
    let width: Int
    let height: Int

    var testDescription: String { name }

    /// The file's bytes.
    var bytes: [UInt8] { Self.decoded(file) }

    /// What it decodes to.
    var picture: Picture { Picture(width: width, height: height, pixels: Self.decoded(rgb)) }

    private static func decoded(_ text: String) -> [UInt8] {
        Data(base64Encoded: text, options: .ignoreUnknownCharacters).map(Array.init) ?? []
    }

    static func named(_ name: String) throws -> SampleFile {
        try #require(all.first { $0.name == name })
    }

    /// Made with Pillow 13.0.0, apart from the interlaced PNG files, which it can only read.
    static let all: [SampleFile] = [
        SampleFile(
            name: "baseline JPEG", format: .jpeg,
            file: """
                /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAUDBAQEAwUEBAQFBQUGBwwIBwcHBw8LCwkMEQ8SEhEPERETFhwXExQaFRERGCEYGh0dHx8f
                ExciJCIeJBweHx7/2wBDAQUFBQcGBw4ICA4eFBEUHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4e
                Hh7/wAARCAAHAAsDASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAYH/8QAIxAAAAMGBwAAAAAAAAAAAAAAAAECAwQFByEjBhES
                FDGRof/EABUBAQEAAAAAAAAAAAAAAAAAAAMG/8QAHhEAAQMFAQEAAAAAAAAAAAAAAQIEEQAFBhIxI7H/2gAMAwEAAhEDEQA/AJ3BUnnd
                rotsuyGiusp4Zt0WM6ckSa+gAkrre3LRs3WgAle0yJ5rH00OA5Rc1NT6Hgr/2Q==
                """,
            rgb: """
                AAIOEQQVKwMdQgMiUwMoZgcpeAwmjwksrQQ/wwBE1AA7DCMdGyMlNyMvTSI2XyM/cSVDhCpGmydMuiJb0iJi5iRhBkYhF0gqMkc4SkZF
                XEZSb0dfg0prm0hyuEN41EaC6UiLBG0oFW8yMW5FSWxWXG1ncG57hG+OnG6SuGyK026O6XCbAJEvDpM6LJFPRJBiWZF4bZGPgpKpmpOl
                wZ+T2J+M6pyYAbM7E7VIMbNdSrJzXrOKdLSki7XDo7e4sq96x69n2Kp2Dc9IH9FVPtBtV8+FbdGdgtK5mdLbstbIvs9x19NY6dBp
                """,
            width: 11, height: 7),
        SampleFile(
            name: "JPEG without chroma subsampling", format: .jpeg,
            file: """
                /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNS
                Mj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09P
                T0//wAARCAAHAAsDAREAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABAX/xAAdEAABAwUBAAAAAAAAAAAAAAACAAYRAQMFEiKR/8QA
                FgEBAQEAAAAAAAAAAAAAAAAABAIG/8QAIBEAAgAEBwAAAAAAAAAAAAAAAAECAwQFEhMUIUGB0f/aAAwDAQACEQMRAD8AFjWwBRyKmTMz
                glFdGi2DcsaU4nxE19Lwm+l6aiC5R4Vuf//Z
                """,
            rgb: """
                AAAeCwEjIQMlOwMmVQElcAAohgIqkwUtvAQg0gAj6QAmCR8tFiIyLCM2RiM7YSE8eyBBkSFFniRJvidc1CRk6yFrDUY1Gkg7MUpGSklO
                ZkdWfkdelUhooktuq01fwkpm2kdzBWgxE2s5KW1IQmxYXmpmd2l2jWuEm26Nt3udzXii5XarAY8tD5E5JZJOP5JkWZB5cY+RiJCjlpOw
                von/1Ib/7IT/BrYwE7g/KbtYQrpzXbeTd7aujbjImbvWubZLzbRN5bFLCdEwFtRALNZcRdV+XtKhedHDj9PgnNXywNhE1dZK7tNQ
                """,
            width: 11, height: 7),
        SampleFile(
            name: "progressive JPEG", format: .jpeg,
            file: """
                /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAUDBAQEAwUEBAQFBQUGBwwIBwcHBw8LCwkMEQ8SEhEPERETFhwXExQaFRERGCEYGh0dHx8f
                ExciJCIeJBweHx7/2wBDAQUFBQcGBw4ICA4eFBEUHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4e
                Hh7/wgARCAAHAAsDASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAUG/8QAFQEBAQAAAAAAAAAAAAAAAAAAAgX/2gAMAwEAAhAD
                EAAAAZ2iJA//xAAaEAABBQEAAAAAAAAAAAAAAAACAAEDBAUS/9oACAEBAAEFAqWOLocmPn//xAAZEQABBQAAAAAAAAAAAAAAAAAFAAED
                BDL/2gAIAQMBAT8BAFLLxaX/xAAaEQACAgMAAAAAAAAAAAAAAAABAwAEEUHB/9oACAECAQE/AbV1ilrI3nk//8QAFhABAQEAAAAAAAAA
                AAAAAAAAADEB/9oACAEBAAY/ApiP/8QAFhABAQEAAAAAAAAAAAAAAAAAABHR/9oACAEBAAE/IYAlZf/aAAwDAQACAAMAAAAQe//EABcR
                AQADAAAAAAAAAAAAAAAAAAEAITH/2gAIAQMBAT8QSWwn/8QAGREBAAIDAAAAAAAAAAAAAAAAAREhADGx/9oACAECAQE/ED7FuknVOuf/
                xAAaEAACAgMAAAAAAAAAAAAAAAAAASExQaHB/9oACAEBAAE/EO7UZLi0pbP/2Q==
                """,
            rgb: """
                AAIOEQQVKwMdQgMiUwMoZgcpeAwmjwksrQQ/wwBE1AA7DCMdGyMlNyMvTSI2XyM/cSVDhCpGmydMuiJb0iJi5iRhBkYhF0gqMkc4SkZF
                XEZSb0dfg0prm0hyuEN41EaC6UiLBG0oFW8yMW5FSWxWXG1ncG57hG+OnG6SuGyK026O6XCbAJEvDpM6LJFPRJBiWZF4bZGPgpKpmpOl
                wZ+T2J+M6pyYAbM7E7VIMbNdSrJzXrOKdLSki7XDo7e4sq96x69n2Kp2Dc9IH9FVPtBtV8+FbdGdgtK5mdLbstbIvs9x19NY6dBp
                """,
            width: 11, height: 7),
        SampleFile(
            name: "grayscale JPEG", format: .jpeg,
            file: """
                /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAUDBAQEAwUEBAQFBQUGBwwIBwcHBw8LCwkMEQ8SEhEPERETFhwXExQaFRERGCEYGh0dHx8f
                ExciJCIeJBweHx7/wAALCAAHAAsBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABgf/xAAjEAAAAwYHAAAAAAAAAAAAAAAAAQIDBAUHISMG
                ERIUMZGh/9oACAEBAAA/ADuCpPO7XRbZdkKK6ynhm3RYzpyRJr6P/9k=
                """,
            rgb: """
                AwMDCgoKEhISGRkZHx8fJycnLy8vNTU1PT09QkJCRkZGGxsbISEhKioqMTExODg4Pz8/SEhITk5OVlZWXl5eZWVlLy8vNjY2Pz8/R0dH
                Tk5OVlZWX19fZmZmbGxsd3d3gICARkZGTU1NV1dXX19fZ2dncHBweXl5gICAhoaGkJCQmZmZWlpaYWFha2trdHR0fX19hoaGkJCQl5eX
                qKiorq6us7OzcHBweHh4goKCjIyMlZWVn5+fqqqqsbGxqqqqrq6usrKyhoaGjo6OmZmZo6Ojra2tt7e3wsLCysrKv7+/xsbGzMzM
                """,
            width: 11, height: 7),
        SampleFile(
            name: "CMYK JPEG", format: .jpeg,
            file: """
                /9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAFAwQEBAMFBAQEBQUFBgcMCAcHBwcPCwsJDBEPEhIRDxERExYcFxMUGhURERghGBodHR8fHxMX
                IiQiHiQcHh8e/8AAFAgABwALBEMRAE0RAFkRAEsRAP/EABkAAAIDAQAAAAAAAAAAAAAAAAAIBAUGB//EACgQAAEDAgMHBQAAAAAAAAAA
                AAEAAgMEEQUHEwYIEhghU5EyNURygf/aAA4EQwBNAFkASwAAPwDme7n8b8UXlno+xB5CyOTGWsO2GjqMjdx29RCctPDgPs9L9Ecs9H2I
                PIVlBNku6M6WBbR1sYc5rKiGjpxHMASA9ofM1wabXHE1pseoB6IX/9k=
                """,
            rgb: """
                AAAmFgAqLwAoRQAmXAApcgAniwAloQApuAAjzwAp5AAsACQoFiQvLyQyRSQ2XCQ+ciRCiyRFoSRNuCRazyRa5CRTAEglFkgwL0g5RUhD
                XEhRckhbi0hkoUhvuEh0z0h95EiOAG0qFm05L21HRW1VXG1mcm10i22DoW2RuG2lz22z5G26AI8pFo88L49QRY9jXI94co+Li4+foY+z
                uI++z4/l5I/sALYnFrY+L7ZZRbZyXLaNcrami7bBobbZuLb1z7YI5LYlANctFtdIL9dnRdeEXNeicte/i9feodf5uNcaz9cs5NdX
                """,
            width: 11, height: 7),
        SampleFile(
            name: "turned JPEG", format: .jpeg,
            file: """
                /9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAAUDBAQEAwUEBAQFBQUGBwwI
                BwcHBw8LCwkMEQ8SEhEPERETFhwXExQaFRERGCEYGh0dHx8fExciJCIeJBweHx7/2wBDAQUFBQcGBw4ICA4eFBEUHh4eHh4eHh4eHh4e
                Hh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh7/wAARCAAHAAsDASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAA
                AAYH/8QAIxAAAAMGBwAAAAAAAAAAAAAAAAECAwQFByEjBhESFDGRof/EABUBAQEAAAAAAAAAAAAAAAAAAAMG/8QAHhEAAQMFAQEAAAAA
                AAAAAAAAAQIEEQAFBhIxI7H/2gAMAwEAAhEDEQA/AJ3BUnndrotsuyGiusp4Zt0WM6ckSa+gAkrre3LRs3WgAle0yJ5rH00OA5Rc1NT6
                Hgr/2Q==
                """,
            rgb: """
                Dc9IAbM7AJEvBG0oBkYhDCMdAAIOH9FVE7VIDpM6FW8yF0gqGyMlEQQVPtBtMbNdLJFPMW5FMkc4NyMvKwMdV8+FSrJzRJBiSWxWSkZF
                TSI2QgMibdGdXrOKWZF4XG1nXEZSXyM/UwMogtK5dLSkbZGPcG57b0dfcSVDZgcpmdLbi7XDgpKphG+Og0prhCpGeAwmstbIo7e4mpOl
                nG6Sm0hymydMjwksvs9xsq96wZ+TuGyKuEN4uiJbrQQ/19NYx69n2J+M026O1EaC0iJiwwBE6dBp2Kp26pyY6XCb6UiL5iRh1AA7
                """,
            width: 7, height: 11),
        SampleFile(
            name: "RGB PNG", format: .png,
            file: """
                iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHCAIAAABRDCAKAAAANUlEQVR4nGNkYNAQZ2DAg1gYVBgYGFjxILgKLlwIWQU/VoSmQgQTYaqQ
                RENYVcjBkC4DgxwAVnkFeuM0oAgAAAAASUVORK5CYII=
                """,
            rgb: """
                AAAoFwAoLgAoRQAoXAAocwAoigAooQAouAAozwAo5gAoACQoFyQtLiQyRSQ3XCQ8cyRBiiRGoSRLuCRQzyRV5iRaAEgoF0gyLkg8RUhG
                XEhQc0haikhkoUhuuEh4z0iC5kiMAGwoF2w3LmxGRWxVXGxkc2xzimyCoWyRuGygz2yv5my+AJAoF5A8LpBQRZBkXJB4c5CMipCgoZC0
                uJDIz5Dc5pDwALQoF7RBLrRaRbRzXLSMc7SlirS+obTXuLTwz7QJ5rQiANgoF9hGLthkRdiCXNigc9i+itjcodj6uNgYz9g25thU
                """,
            width: 11, height: 7),
        SampleFile(
            name: "RGBA PNG", format: .png,
            file: """
                iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHCAYAAADebrddAAAAPElEQVR4nGNkYNBgEGdgkCQGszCoMHAyMLAShZEUcxHEaIr58WIsikVw
                YUkciiWxYjyK5ZCwLicDgxwnAHF9CNYV7z/UAAAAAElFTkSuQmCC
                """,
            rgb: """
                ////6Obq1s3VyLTAv5uruoKWummBvlBrxzdW1R5B5gUs9vf34OLjz8zQwre9uaGstYybtnaMu2F9xUxw0zZj//z97fLw2ODcx87Lu7y8
                tKqusJiisoaZuHSRwmOM0VGI/vb65O/o0OHWwNPHtcS7rrayrKesrpmotYuowHyq0G6w/fP62+/hyOTQudrErs+8qMS3p7m2qq66saPB
                vZjM/v3+/PL90vLZv+rLsePCp9y9otS+os3DpsbNrr7cu7fx/Pvx+/TdyffRt/PGqu/AoevAnefGneTRoeDjq9z7uNgZ+/vt+vjf
                """,
            width: 11, height: 7),
        SampleFile(
            name: "gray and alpha PNG", format: .png,
            file: """
                iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHCAQAAAB0Z3/WAAAASUlEQVR4nG2FSwqAUAzEFOprM667qPe/nt5AcOHzB05IZpyGVv6hlZcl
                TuC9l5bED5ZAvDxrCYB4JihLhADdv7JjyYxQr9hYEAdHzgkbScHWoAAAAABJRU5ErkJggg==
                """,
            rgb: """
                ////5+fn0dHRu7u7qKiolZWVhISEdHR0ZmZmWFhYTU1N9/f34eHhzc3Nu7u7qqqqmpqajIyMf39/dHR0ampq/f398PDw3d3dzMzMvLy8
                rq6uoaGhlpaWjIyMhISEfX19+fn56+vr29vbzMzMv7+/s7OzqampoaGhmpqalpaWkpKS9/f36Ojo2dnZzc3Nw8PDurq6s7Ozrq6uq6ur
                qamp/f399vb25eXl2tra0NDQyMjIw8PDv7+/vb29vb29v7+/+vr68/Pz5eXl3Nzc1dXV0NDQzc3NzMzMzc3N0NDQubm5+vr69vb2
                """,
            width: 11, height: 7),
        SampleFile(
            name: "palette PNG with a transparent color", format: .png,
            file: """
                iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHBAMAAAAsQKpuAAAAGFBMVEWtxoytkL6tbJkutFoubEatNmCtACguJDLjF1XXAAAAA3RSTlP/
                /wDXyg1BAAAAMklEQVR4nAXBQRGAMAwAsKw3aXjCZiWggO4Nx0oyTr08ky5v+JIch325p+oiytYrSMsPA8AUgGHa6gwAAAAASUVORK5C
                YII=
                """,
            rgb: """
                LiQyLiQyLiQyLiQyLiQyrQAorQAorQAorQAorQAorQAoLiQyLiQyLiQyLiQyLiQyrTZgrTZgrTZgrTZgrTZgrTZgLiQyLiQyLiQyLmxG
                LmxGrTZgrTZgrTZgrTZgrTZg////LmxGLmxGLmxGLmxGLmxG////////////////////rZC+LmxGLmxGLrRaLrRaLrRa////rZC+rZC+
                rZC+rZC+rZC+LrRaLrRaLrRaLrRaLrRarcaMrZC+rZC+rZC+rcaMrcaMLrRaLrRaLrRaLrRarcaMrcaMrZC+rZC+rcaMrcaMrcaM
                """,
            width: 11, height: 7),
        SampleFile(
            name: "bilevel PNG", format: .png,
            file: """
                iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHAQAAAAD2FYrwAAAAHUlEQVR4nGNgYGBktWZSYWCRkWb64MC4TogxnBMAFnQC95nk6o0AAAAA
                SUVORK5CYII=
                """,
            rgb: """
                AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA////AAAA////AAAA////AAAAAAAAAAAA////AAAA
                ////AAAAAAAA////AAAA////AAAAAAAA////AAAAAAAAAAAA////AAAA////AAAA////////AAAAAAAA////////AAAA////AAAA////
                ////AAAA////////AAAA////AAAA////////////AAAA////////AAAAAAAA////AAAA////AAAA////////////AAAA////////
                """,
            width: 11, height: 7),
        SampleFile(
            name: "turned PNG", format: .png,
            file: """
                iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHCAIAAABRDCAKAAAAGmVYSWZNTQAqAAAACAABARIAAwAAAAEACAAAAAAAAIZYMDQAAAA1SURB
                VHicY2Rg0BBnYMCDWBhUGBgYWPEguAouXAhZBT9WhKZCBBNhqpBEQ1hVyMGQLgODHABWeQV64zSgCAAAAABJRU5ErkJggg==
                """,
            rgb: """
                5gAo5iRa5kiM5my+5pDw5rQi5thUzwAozyRVz0iCz2yvz5Dcz7QJz9g2uAAouCRQuEh4uGyguJDIuLTwuNgYoQAooSRLoUhuoWyRoZC0
                obTXodj6igAoiiRGikhkimyCipCgirS+itjccwAocyRBc0hac2xzc5CMc7Slc9i+XAAoXCQ8XEhQXGxkXJB4XLSMXNigRQAoRSQ3RUhG
                RWxVRZBkRbRzRdiCLgAoLiQyLkg8LmxGLpBQLrRaLthkFwAoFyQtF0gyF2w3F5A8F7RBF9hGAAAoACQoAEgoAGwoAJAoALQoANgo
                """,
            width: 7, height: 11),
        SampleFile(
            name: "16-bit grayscale PNG", format: .png,
            file: """
                iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHEAAAAACrlTTCAAAAOUlEQVR4nG2MsQ0AMAjDqOoboA/lf/FRBxZEOzk4CsssFAoddbIT4fgg
                OQsShxyiropNFB9Ru+9nv9wDG+aiKi51AAAAAElFTkSuQmCC
                """,
            rgb: """
                AAAAFxcXLi4uRkZGXV1ddHR0i4uLoqKiubm50dHR6OjoBAQEGxsbMjIySUlJYWFheHh4j4+Ppqamvb291NTU7OzsCAgIHx8fNjY2TU1N
                ZGRke3t7k5OTqqqqwcHB2NjY7+/vCwsLIyMjOjo6UVFRaGhof39/lpaWrq6uxcXF3Nzc8/PzDw8PJiYmPj4+VVVVbGxsg4ODmpqasbGx
                ycnJ4ODg9/f3ExMTKioqQUFBWVlZcHBwh4eHnp6etbW1zMzM5OTk+/v7FxcXLi4uRUVFXFxcdHR0i4uLoqKiubm50NDQ5+fn////
                """,
            width: 11, height: 7),
        SampleFile(
            name: "interlaced RGBA PNG", format: .png,
            file: """
                iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHCAYAAAGpaYfLAAABRUlEQVR42gXBMUREcRwH8C9pONIQeSUa8qcfuScn19A1HL3nz0k33DWc
                l5YnDf9q+JNbkm5InqP/LUlL94ZIy0n/4Wk40nISTxr6yy1Jb0jDkZaT9PkAIESgDjyQDyhinqoeRarzBRuUCUAnCagPWxVXA9W8TVRv
                EuA0YvPckseLuwH3LyNefU14fQgwlLWNv+mZ5llguo+RGftLTGkWFmjcARUkaC8EtWLQGyyemXG4uyZ55Tjk23cxr33DUrlFR/k7UtXD
                UOnnWHUHYRl3xTG1A2naN6Hpf8QmawGMUhZLT9kss+Cw+ZLHcluS5Q8D5p6HrBBFrPgUs/JnwioDgKAJS8zP2cJddkR5wxP+vhTyNBC1
                61A0HiLRfI9F6zcR7VFAU9rSedfWlXVHy6qn6w2pL64C3b4P9Us30r2fWKeGEz01/Q8TjIVje/tFngAAAABJRU5ErkJggg==
                """,
            rgb: """
                ////6Obq1s3VyLTAv5uruoKWummBvlBrxzdW1R5B5gUs9vf34OLjz8zQwre9uaGstYybtnaMu2F9xUxw0zZj//z97fLw2ODcx87Lu7y8
                tKqusJiisoaZuHSRwmOM0VGI/vb65O/o0OHWwNPHtcS7rrayrKesrpmotYuowHyq0G6w/fP62+/hyOTQudrErs+8qMS3p7m2qq66saPB
                vZjM/v3+/PL90vLZv+rLsePCp9y9otS+os3DpsbNrr7cu7fx/Pvx+/TdyffRt/PGqu/AoevAnefGneTRoeDjq9z7uNgZ+/vt+vjf
                """,
            width: 11, height: 7),
        SampleFile(
            name: "interlaced RGB PNG", format: .png,
            file: """
                iVBORw0KGgoAAAANSUhEUgAAAAsAAAAHCAIAAAEmCxCcAAAA20lEQVR42g3LoW7DMBRG4Z/uCTw8GVwyg4KVhBQ4slQSsJLIMNAaMSkO
                tALcN4jBcMkFRsFjhjMoNi4eWsAhn3QAUAbB7iGSjdccf6BAAdR2U3EIcW3xCRhSprNmCGbK5trMAlRSdbJ1DfWR62urnxAgDfKgBCr7
                L8xBm96bMZmvYmaI2Ok4+bikyCU+IGqv6+zrlupfqR+AJCHflTxoebSy8/IUZJ/kOcuhyEuTI+BIuKNyvXYX6ybvfHBzcrfs1uLuzW0A
                k+CT4lGzt7x4/g68Jf7N/Cz80vjtHz3rYKtTWICHAAAAAElFTkSuQmCC
                """,
            rgb: """
                AAAoFwAoLgAoRQAoXAAocwAoigAooQAouAAozwAo5gAoACQoFyQtLiQyRSQ3XCQ8cyRBiiRGoSRLuCRQzyRV5iRaAEgoF0gyLkg8RUhG
                XEhQc0haikhkoUhuuEh4z0iC5kiMAGwoF2w3LmxGRWxVXGxkc2xzimyCoWyRuGygz2yv5my+AJAoF5A8LpBQRZBkXJB4c5CMipCgoZC0
                uJDIz5Dc5pDwALQoF7RBLrRaRbRzXLSMc7SlirS+obTXuLTwz7QJ5rQiANgoF9hGLthkRdiCXNigc9i+itjcodj6uNgYz9g25thU
                """,
            width: 11, height: 7),
        SampleFile(
            name: "lossy WebP", format: .webp,
            file: """
                UklGRloAAABXRUJQVlA4IE4AAADQAQCdASoLAAcAAkA4JbACdAEOuwWOAAD++p2TfHU8e3b50Hvvtxugkr2Wozpi0n0b8+/qclc3Pd38
                308O67/AP+3I/MhnP/79H0xkAAA=
                """,
            rgb: """
                AAQQDAkYIA0fMwsgSAYhXAUlcgotiQoyrQo8wAU90QZBCBwcFCEjKyUsPyQxVSI1aSA7fyVEliRLuCVUyyBY2iFfEEIoHUUxMkg8SElG
                YEhQd0lbi0xmoUxtvk560EmC4UmKDWEpGmQ0MGhDRWZQYWhjd2hxjGt/n2uGu2+NzWyP3GyZDIguGY06LY5OQ4xhY498eI+QjpCiopKj
                v5qb0ZyV5Z+bEK42G7FDMbNcRrBzZbOUfLGrkrLAprO4ubSNw690z6pyEs08HtBLNdFmSc6BaNCmfs7BlM3aq9LFssdwys5U4dRi
                """,
            width: 11, height: 7),
        SampleFile(
            name: "lossless WebP", format: .webp,
            file: """
                UklGRkAAAABXRUJQVlA4TDMAAAAvCoABALkyRPQ/duWP6H9AQds2jMGUP8zuIJgLBZFs0NH3/GmggQRiAjhRhuPlJ6ZgeRwA
                """,
            rgb: """
                AAAoFwAoLgAoRQAoXAAocwAoigAooQAouAAozwAo5gAoACQoFyQtLiQyRSQ3XCQ8cyRBiiRGoSRLuCRQzyRV5iRaAEgoF0gyLkg8RUhG
                XEhQc0haikhkoUhuuEh4z0iC5kiMAGwoF2w3LmxGRWxVXGxkc2xzimyCoWyRuGygz2yv5my+AJAoF5A8LpBQRZBkXJB4c5CMipCgoZC0
                uJDIz5Dc5pDwALQoF7RBLrRaRbRzXLSMc7SlirS+obTXuLTwz7QJ5rQiANgoF9hGLthkRdiCXNigc9i+itjcodj6uNgYz9g25thU
                """,
            width: 11, height: 7),
        SampleFile(
            name: "lossy WebP with alpha", format: .webp,
            file: """
                UklGRpIAAABXRUJQVlA4WAoAAAAQAAAACgAABgAAQUxQSBgAAAABuYzof4BI22Z0Eubf69EFREzABDCjDgBWUDggVAAAANABAJ0BKgsA
                BwACQDglsAJ0APQxnbQAAP75MF3pwUq6Sq6ys4hSLOctNo3v6ClkK3wgXd7C7jf7OkjqIxefyV+muZPdd/gH/bkfmQzn/9+jsNiAAA==
                """,
            rgb: """
                ////5ubo08/TwrW8uJ2psYWVrnCFsVlvwUNYyylA1hEt9vf34OLi0M7Rwri9t6CqsoqasHeMtWJ7xk5r0jVa//z97vLw2uDdyM3Kvb29
                t6qws5iktYmcuXeUymeU1FGQ/vb65u/p0+HYxdXKs7+3sbSzsKWtsZiqtYioxXuv0Gmr/PP43e7iyOPQudjErcy7rcO6q7i5rq29tKHA
                xZrI/v3+/PP01fDcwenMsuLCqNm9qdTCqcvHrcPQtLvKvq+y/Pr5+PLqzfTWufDIrevBo+W/pOPIptzSq9fgtdbJtMZx+vrw+vbj
                """,
            width: 11, height: 7),
        SampleFile(
            name: "turned WebP", format: .webp,
            file: """
                UklGRo4AAABXRUJQVlA4WAoAAAAIAAAACgAABgAAVlA4IE4AAADQAQCdASoLAAcAAkA4JbACdAEOuwWOAAD++p2TfHU8e3b50Hvvtxug
                kr2Wozpi0n0b8+/qclc3Pd38308O67/AP+3I/MhnP/79H0xkAABFWElGGgAAAE1NACoAAAAIAAEBEgADAAAAAQAFAAAAAAAA
                """,
            rgb: """
                AAQQCBwcEEIoDWEpDIguEK42Es08DAkYFCEjHUUxGmQ0GY06G7FDHtBLIA0fKyUsMkg8MGhDLY5OMbNcNdFmMwsgPyQxSElGRWZQQ4xh
                RrBzSc6BSAYhVSI1YEhQYWhjY498ZbOUaNCmXAUlaSA7d0lbd2hxeI+QfLGrfs7BcgotfyVEi0xmjGt/jpCikrLAlM3aiQoyliRLoUxt
                n2uGopKjprO4q9LFrQo8uCVUvk56u2+Nv5qbubSNssdwwAU9yyBY0EmCzWyP0ZyVw690ys5U0QZB2iFf4UmK3GyZ5Z+bz6py4dRi
                """,
            width: 7, height: 11),
        SampleFile(
            name: "animated WebP", format: .webp,
            file: """
                UklGRhQCAABXRUJQVlA4WAoAAAASAAAACgAABgAAQU5JTQYAAAAAAAAAAABBTk1GLAEAAAAAAAAAAAoAAAYAADIAAAJWUDhMEwEAAC8K
                gAEQX6KQkSRJ5j6YRimcg1lUBG3bBkZZRDqL8wcxySzgCABAQDnbtm37Ltu2bdueWpua+4Htmm5Ks23XYjBp2xi4hca67GPYf7G/rvTo
                8x//100dnd5/A8C6g/vP+/xb93f/EZ4v6zT3/iHweFWoQJkBBlRdBw8A9RpMs69BUf7QAq9OQ2H2MMRqNjzgqfWwm50Nk5qOGGjVTISb
                nY4gNRLZ8KjJSDPzj0RVHVWIUa1RarYzClRSdCJb5USL2dKoV46YQBU4DACAaPPZtm3XbHsR/Y8/IRp+1s531w9EK3ZUDqvjA0A5zU3q
                aXN+waRkBnm32N++GKM6cTWuT0+Q4nUvbWbbyxthZSss+uXh/sMFAEFOTUa0AAAAAAAAAAAACgAABgAAMgAAAFZQOEybAAAALwqAAQBn
                opBtBEjmnvkzDkIgm+JbtBgEAJAEu7u7u93hEpe4pG+4xAkumP/8z5iJftERiaIk6kVCtAifaBUW0SZUol0IRK+giT6BEQEBCA4DACDa
                fLZt2zXbXkT/4/84roYyshUW+90Py74ILZlBv7f9ossDU6KRz3U3bzPfECn4fdnOmtTTBRJ6nTdTnbgaT4DP03qsYkflcAAA
                """,
            rgb: """
                ////6Obq1s3VyLTAv5uruoKWummBvlBrxzdW1R5B5gUs9vf34OLjz8zQwre9uaGstYybtnaMu2F9xUxw0zZj//z97fLw2ODcx87Lu7y8
                tKqusJiisoaZuHSRwmOM0VGI/vb65O/o0OHWwNPHtcS7rrayrKesrpmotYuowHyq0G6w/fP62+/hyOTQudrErs+8qMS3p7m2qq66saPB
                vZjM/v3+/PL90vLZv+rLsePCp9y9otS+os3DpsbNrr7cu7fx/Pvx+/TdyffRt/PGqu/AoevAnefGneTRoeDjq9z7uNgZ+/vt+vjf
                """,
            width: 11, height: 7),
        SampleFile(
            name: "GIF", format: .gif,
            file: """
                R0lGODdhCwAHAIMAAM/AFn/Gv62Qvq1smUXGewzGNi6QUC5sRsRIfcQkU382Ua0AKEU2Pww2LC4AKAAAACwAAAAACwAHAAAIPgAdCBS4
                oKDBBg0YKFSgIIHDBAgVMmCIoCKCAxgxKhjAcYCAAgZCEvAooORHkAQIBFgpAACAAgVSqlzpEkBAADs=
                """,
            rgb: """
                LgAoLgAoLgAoLgAoLgAorQAorQAorQAorQAorQAorQAoDDYsDDYsRTY/RTY/RTY/fzZRfzZRxCRTxCRTxCRTxCRTDDYsDDYsRTY/RTY/
                RTY/fzZRfzZRxEh9xEh9xEh9xEh9LmxGLmxGLmxGLmxGLmxGfzZRrWyZrWyZrWyZrWyZrZC+DMY2LpBQLpBQLpBQRcZ7rWyZrZC+rZC+
                rZC+rZC+rZC+DMY2DMY2LpBQRcZ7RcZ7f8a/f8a/f8a/rZC+z8AWz8AWDMY2DMY2RcZ7RcZ7RcZ7f8a/f8a/f8a/z8AWz8AWz8AW
                """,
            width: 11, height: 7),
        SampleFile(
            name: "interlaced GIF", format: .gif,
            file: """
                R0lGODdhCwAHAIMAAM/AFn/Gv62Qvq1smUXGewzGNi6QUC5sRsRIfcQkU382Ua0AKEU2Pww2LC4AKAAAACwAAAAACwAHAAAIPgAdCBS4
                oKDBBg0YKFSgIIHDBAgVMmCIoCKCAxgxKhjAcYCAAgZCEvAooORHkAQIBFgpAACAAgVSqlzpEkBAADs=
                """,
            rgb: """
                LgAoLgAoLgAoLgAoLgAorQAorQAorQAorQAorQAorQAoDDYsDDYsRTY/RTY/RTY/fzZRfzZRxCRTxCRTxCRTxCRTDDYsDDYsRTY/RTY/
                RTY/fzZRfzZRxEh9xEh9xEh9xEh9LmxGLmxGLmxGLmxGLmxGfzZRrWyZrWyZrWyZrWyZrZC+DMY2LpBQLpBQLpBQRcZ7rWyZrZC+rZC+
                rZC+rZC+rZC+DMY2DMY2LpBQRcZ7RcZ7f8a/f8a/f8a/rZC+z8AWz8AWDMY2DMY2RcZ7RcZ7RcZ7f8a/f8a/f8a/z8AWz8AWz8AW
                """,
            width: 11, height: 7),
        SampleFile(
            name: "GIF with a transparent color", format: .gif,
            file: """
                R0lGODlhCwAHAIMAAM/AFn/Gv62Qvq1smUXGewzGNi6QUC5sRsRIfcQkU382Ua0AKEU2Pww2LC4AKAAAACH5BAEAAAIALAAAAAALAAcA
                AAg+AB0IFLigoMEGDRgoVKAggcMECBUyYIigIoIDGDEqGMBxgIACBkIS8Cig5EeQBAgEWCkAAIACBVKqXOkSQEAAOw==
                """,
            rgb: """
                LgAoLgAoLgAoLgAoLgAorQAorQAorQAorQAorQAorQAoDDYsDDYsRTY/RTY/RTY/fzZRfzZRxCRTxCRTxCRTxCRTDDYsDDYsRTY/RTY/
                RTY/fzZRfzZRxEh9xEh9xEh9xEh9LmxGLmxGLmxGLmxGLmxGfzZRrWyZrWyZrWyZrWyZ////DMY2LpBQLpBQLpBQRcZ7rWyZ////////
                ////////////DMY2DMY2LpBQRcZ7RcZ7f8a/f8a/f8a/////z8AWz8AWDMY2DMY2RcZ7RcZ7RcZ7f8a/f8a/f8a/z8AWz8AWz8AW
                """,
            width: 11, height: 7),
        SampleFile(
            name: "animated GIF", format: .gif,
            file: """
                R0lGODlhCwAHAIMAAM/AFn/Gv62Qvq1smUXGewzGNi6QUC5sRsRIfcQkU382Ua0AKEU2Pww2LC4AKAAAACH5BAAFAAAALAAAAAALAAcA
                AAg+AB0IFLigoMEGDRgoVKAggcMECBUyYIigIoIDGDEqGMBxgIACBkIS8Cig5EeQBAgEWCkAAIACBVKqXOkSQEAAIfkEAQUAEAAsAAAA
                AAsABwCD3f/X3dvQmO3Mxre+xpOyXu3GJe2/R7eHR5Nf3W+53UuymF1yxieMXl06JV2BRyeBCD0AAQgEIEBAgYMGDARYGKDgwQIJAwyY
                OPGARYsJCGgksACBR48JQnJcsKCByQYKUjIgedKBA5UMGJx8QDMgADs=
                """,
            rgb: """
                LgAoLgAoLgAoLgAoLgAorQAorQAorQAorQAorQAorQAoDDYsDDYsRTY/RTY/RTY/fzZRfzZRxCRTxCRTxCRTxCRTDDYsDDYsRTY/RTY/
                RTY/fzZRfzZRxEh9xEh9xEh9xEh9LmxGLmxGLmxGLmxGLmxGfzZRrWyZrWyZrWyZrWyZrZC+DMY2LpBQLpBQLpBQRcZ7rWyZrZC+rZC+
                rZC+rZC+rZC+DMY2DMY2LpBQRcZ7RcZ7f8a/f8a/f8a/rZC+z8AWz8AWDMY2DMY2RcZ7RcZ7RcZ7f8a/f8a/f8a/z8AWz8AWz8AW
                """,
            width: 11, height: 7),
        SampleFile(
            name: "BMP", format: .bmp,
            file: """
                Qk0yAQAAAAAAADYAAAAoAAAACwAAAAcAAAABABgAAAAAAPwAAADEDgAAxA4AAAAAAAAAAAAAKNgARtgXZNgugthFoNhcvthz3NiK+tih
                GNi4NtjPVNjmAAAAKLQAQbQXWrQuc7RFjLRcpbRzvrSK17Sh8LS4CbTPIrTmAAAAKJAAPJAXUJAuZJBFeJBcjJBzoJCKtJChyJC43JDP
                8JDmAAAAKGwAN2wXRmwuVWxFZGxcc2xzgmyKkWyhoGy4r2zPvmzmAAAAKEgAMkgXPEguRkhFUEhcWkhzZEiKbkiheEi4gkjPjEjmAAAA
                KCQALSQXMiQuNyRFPCRcQSRzRiSKSyShUCS4VSTPWiTmAAAAKAAAKAAXKAAuKABFKABcKABzKACKKAChKAC4KADPKADmAAAA
                """,
            rgb: """
                AAAoFwAoLgAoRQAoXAAocwAoigAooQAouAAozwAo5gAoACQoFyQtLiQyRSQ3XCQ8cyRBiiRGoSRLuCRQzyRV5iRaAEgoF0gyLkg8RUhG
                XEhQc0haikhkoUhuuEh4z0iC5kiMAGwoF2w3LmxGRWxVXGxkc2xzimyCoWyRuGygz2yv5my+AJAoF5A8LpBQRZBkXJB4c5CMipCgoZC0
                uJDIz5Dc5pDwALQoF7RBLrRaRbRzXLSMc7SlirS+obTXuLTwz7QJ5rQiANgoF9hGLthkRdiCXNigc9i+itjcodj6uNgYz9g25thU
                """,
            width: 11, height: 7),
        SampleFile(
            name: "palette BMP", format: .bmp,
            file: """
                Qk2qAAAAAAAAAFYAAAAoAAAACwAAAAcAAAABAAgAAAAAAFQAAADEDgAAxA4AAAgAAAAIAAAAjMatAL6QrQCZbK0AWrQuAEZsLgBgNq0A
                KACtADIkLgADAwMDAAABAQAAAAADAwMDAwABAQEAAAAEBAMDAwIBAQEBAQAEBAQEBAICAgICAQAHBwcEBAUFBQUFAgAHBwcHBwUFBQUF
                BQAHBwcHBwYGBgYGBgA=
                """,
            rgb: """
                LiQyLiQyLiQyLiQyLiQyrQAorQAorQAorQAorQAorQAoLiQyLiQyLiQyLiQyLiQyrTZgrTZgrTZgrTZgrTZgrTZgLiQyLiQyLiQyLmxG
                LmxGrTZgrTZgrTZgrTZgrTZgrWyZLmxGLmxGLmxGLmxGLmxGrWyZrWyZrWyZrWyZrWyZrZC+LmxGLmxGLrRaLrRaLrRarWyZrZC+rZC+
                rZC+rZC+rZC+LrRaLrRaLrRaLrRaLrRarcaMrZC+rZC+rZC+rcaMrcaMLrRaLrRaLrRaLrRarcaMrcaMrZC+rZC+rcaMrcaMrcaM
                """,
            width: 11, height: 7),
        SampleFile(
            name: "bilevel BMP", format: .bmp,
            file: """
                Qk1aAAAAAAAAAD4AAAAoAAAACwAAAAcAAAABAAEAAAAAABwAAADEDgAAxA4AAAIAAAACAAAAAAAAAP///wBXYAAArsAAADWgAABFYAAA
                KUAAAAVAAAAAAAAA
                """,
            rgb: """
                AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA////AAAA////AAAA////AAAAAAAAAAAA////AAAA
                ////AAAAAAAA////AAAA////AAAAAAAA////AAAAAAAAAAAA////AAAA////AAAA////////AAAAAAAA////////AAAA////AAAA////
                ////AAAA////////AAAA////AAAA////////////AAAA////////AAAAAAAA////AAAA////AAAA////////////AAAA////////
                """,
            width: 11, height: 7),
    ]
}
