#include "media/studio/sound.h"

#include <math.h>

uint8_t sound_level(const float *samples, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (double)samples[i] * (double)samples[i];
    if (!count || sum <= 0)
        return SOUND_SILENCE;
    double level = -10 * log10(sum / (double)count);
    if (level <= 0)
        return 0;
    return level >= SOUND_SILENCE ? SOUND_SILENCE : (uint8_t)lround(level);
}
