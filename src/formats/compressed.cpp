#include "formats/compressed.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

namespace contrechamp {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;  // written at once
// zlib counts in unsigned int.
constexpr std::size_t kMostGiven = std::size_t{1} << 30;
// A frame may ask for a window of its own choosing: 128 MiB is what `zstd -d` grants without --long.
constexpr int kWindowLog = 27;

tl::unexpected<Error> damaged(Compression kind, std::size_t offset, const Text& reason,
                              const std::string& where) {
    const std::string name(to_string(kind)), at = std::to_string(offset);
    return fail(
        {"the " + name + " data is damaged or cut off near byte " + at + " (" + reason.en + ")",
         "les données " + name + " sont abîmées ou coupées vers l’octet " + at + " (" + reason.fr + ")"},
        where,
        {"get the file again, or decompress what can be saved and add that",
         "récupérez de nouveau le fichier, ou décompressez ce qui peut l’être et ajoutez cela"});
}

// The libraries' own words; they know only English.
Text library(const char* message) { return {message, message}; }
Text too_early() { return {"it ends too early", "la fin manque"}; }

tl::unexpected<Error> too_large(std::uint64_t limit, const std::string& where) {
    return fail({"decompressed, this is over the limit of " + std::to_string(limit) + " bytes",
                 "décompressé, ceci dépasse la limite de " + std::to_string(limit) + " octets"},
                where,
                {"decompress it yourself and add the pieces that matter",
                 "décompressez-le vous-même et ajoutez les parties utiles"});
}

// A file without a name, on a disk: what is compressed may be larger than memory.
class Output {
  public:
    static Result<Output> create(std::uint64_t limit, const std::string& where) {
        std::error_code ignored;
        auto folder = fs::temp_directory_path(ignored);
        if (folder.empty()) folder = "/tmp";
        std::string pattern = (folder / "contrechamp-XXXXXX").string();
        Fd fd(::mkostemp(pattern.data(), O_CLOEXEC));
        if (!fd.valid())
            return tl::unexpected(system_error(
                {"cannot make room to decompress into", "impossible de créer un fichier où décompresser"},
                folder));
        ::unlink(pattern.c_str());
        return Output(std::move(fd), limit, where);
    }
    Status write(std::string_view bytes) {
        if (bytes.size() > limit_ - size_) return too_large(limit_, where_);
        size_ += bytes.size();
        return write_all(fd_.get(), bytes, where_);
    }
    Result<MappedFile> map() const { return MappedFile::of(fd_, where_); }

  private:
    Output(Fd fd, std::uint64_t limit, std::string where)
        : fd_(std::move(fd)), limit_(limit), where_(std::move(where)) {}
    Fd fd_;
    std::uint64_t limit_, size_ = 0;
    std::string where_;
};

struct InflateEnd {
    void operator()(z_stream* stream) const { ::inflateEnd(stream); }
};

// RFC 1952: members one after another; zeros that pad the end (tape blocks) are not a member.
Status gunzip(std::string_view bytes, Output& out, const std::string& where) {
    z_stream stream{};
    if (::inflateInit2(&stream, 15 + 16) != Z_OK)
        return damaged(Compression::gzip, 0, library("zlib"), where);
    const std::unique_ptr<z_stream, InflateEnd> owner(&stream);
    const auto buffer = std::make_unique<char[]>(kPiece);
    std::size_t taken = 0;
    bool inside = true;
    while (taken < bytes.size()) {
        if (!inside) {
            if (bytes.find_first_not_of('\0', taken) == std::string_view::npos) return {};
            if (::inflateReset(&stream) != Z_OK)
                return damaged(Compression::gzip, taken, library("zlib"), where);
            inside = true;
        }
        const auto given = std::min(bytes.size() - taken, kMostGiven);
        // zlib does not write to its input; its type is older than const.
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + taken));
        stream.avail_in = static_cast<uInt>(given);
        int code = Z_OK;
        do {
            stream.next_out = reinterpret_cast<Bytef*>(buffer.get());
            stream.avail_out = kPiece;
            code = ::inflate(&stream, Z_NO_FLUSH);
            const std::size_t at = taken + given - stream.avail_in;
            if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
                return damaged(Compression::gzip, at, library(stream.msg ? stream.msg : "zlib"), where);
            TRY(out.write({buffer.get(), kPiece - stream.avail_out}));
        } while (code != Z_STREAM_END && (stream.avail_in > 0 || stream.avail_out == 0));
        taken += given - stream.avail_in;
        inside = code != Z_STREAM_END;
    }
    return inside ? Status(damaged(Compression::gzip, taken, too_early(), where)) : Status{};
}

struct FreeStream {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

Status unzstd(std::string_view bytes, Output& out, const std::string& where) {
    const std::unique_ptr<ZSTD_DStream, FreeStream> stream(ZSTD_createDStream());
    if (!stream || ZSTD_isError(ZSTD_initDStream(stream.get())) ||
        ZSTD_isError(ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, kWindowLog)))
        return damaged(Compression::zstd, 0, library("libzstd"), where);
    const auto buffer = std::make_unique<char[]>(kPiece);
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t left = 1;  // 0: a frame has ended and was written
    for (bool full = false; in.pos < in.size || full;) {
        ZSTD_outBuffer piece{buffer.get(), kPiece, 0};
        left = ZSTD_decompressStream(stream.get(), &piece, &in);
        if (ZSTD_isError(left))
            return damaged(Compression::zstd, in.pos, library(ZSTD_getErrorName(left)), where);
        TRY(out.write({buffer.get(), piece.pos}));
        full = piece.pos == kPiece && left != 0;
    }
    return left == 0 ? Status{} : Status(damaged(Compression::zstd, in.pos, too_early(), where));
}

bool little_endian_magic(std::string_view bytes, std::uint32_t magic, std::uint32_t mask) {
    if (bytes.size() < 4) return false;
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i) value |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return (value & mask) == magic;
}

}  // namespace

Compression compression_of(std::string_view bytes) {
    // RFC 1952: 1f 8b, and deflate is the only method there is.
    if (bytes.substr(0, 3) == "\x1f\x8b\x08") return Compression::gzip;
    // RFC 8878: a frame, or a skippable frame before it.
    if (little_endian_magic(bytes, 0xfd2fb528, 0xffffffff) ||
        little_endian_magic(bytes, 0x184d2a50, 0xfffffff0))
        return Compression::zstd;
    return Compression::none;
}

std::string_view to_string(Compression compression) {
    switch (compression) {
        case Compression::none: return "";
        case Compression::gzip: return "gzip";
        case Compression::zstd: return "zstd";
    }
    return "";
}

Result<MappedFile> decompress(std::string_view bytes, Compression compression, std::uint64_t limit,
                              const std::string& where) {
    auto out = TRY(Output::create(limit, where));
    if (compression == Compression::gzip) TRY(gunzip(bytes, out, where));
    else if (compression == Compression::zstd) TRY(unzstd(bytes, out, where));
    else TRY(out.write(bytes));
    return out.map();
}

}  // namespace contrechamp
